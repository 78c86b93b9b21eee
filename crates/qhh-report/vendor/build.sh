#!/bin/sh
# Builds echarts.min.js, the plotting library of the pages, from npm: ./build.sh in this folder (needs npm).
#
# Why Apache ECharts and not uPlot 1.6, which is a tenth as large: by its documentation uPlot draws on a canvas alone, so
# that there is no SVG to download or to print, and it knows no shapes in data coordinates beyond paths over an
# increasing x, which loops, bands of a stack and maps all need. ECharts draws the same chart as SVG or on a canvas and
# makes it without a window too, for downloads.
#
# Only what src/template/panel.js uses is in the bundle. Zoom, legend, hover values and downloads are the page's own
# scripts, so that they are linked over the page, can be used from the keyboard and keep their size on a phone.
set -eu
ECHARTS=6.1.0
ESBUILD=0.28.2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --ignore-scripts "echarts@$ECHARTS" "esbuild@$ESBUILD" > /dev/null
cat > entry.js << 'END'
export { init } from "echarts/core";
import { use } from "echarts/core";
import { CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
use([CustomChart, LineChart, ScatterChart, GridComponent, CanvasRenderer, SVGRenderer]);
END
npx esbuild entry.js --bundle --minify --format=iife --global-name=echarts --legal-comments=none \
    --banner:js="/* Apache ECharts $ECHARTS, Apache License 2.0, https://echarts.apache.org; zrender, BSD 3-Clause */" \
    --outfile=echarts.min.js
if grep -qi '</script\|<!--' echarts.min.js; then
    echo "the bundle would end the script element it stands in" >&2
    exit 1
fi
cp echarts.min.js "$here/echarts.min.js"
{
    cat node_modules/echarts/NOTICE
    printf '\n'
    cat node_modules/echarts/LICENSE
    printf '\nThe bundle contains zrender, https://github.com/ecomfe/zrender:\n\n'
    cat node_modules/zrender/LICENSE
    printf '\nd3.js, of which ECharts has a few lines:\n\n'
    cat node_modules/echarts/licenses/LICENSE-d3
    printf '\nand helpers of tslib (0BSD, Microsoft Corporation).\n'
} > "$here/LICENSE-echarts"
ls -l "$here"
