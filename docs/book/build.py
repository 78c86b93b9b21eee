"""Builds the documents as a book with search: python3 docs/book/build.py [--qhh PROGRAM] [--mdbook PROGRAM]

The sources are laid out in target/book/src as they stand in the repository, so that their links keep leading where they
lead, and each shipped network and experiment is run for a gallery of live pages. The book is
target/book/html. Fails where a link leads nowhere, an equation cannot be set, or a network does not run.

Needs mdBook, and Chromium, which takes the gallery's pictures and sets the equations once to see that it can.
"""

import argparse
import html
import html.parser
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "target" / "book"
SOURCE, HTML = BOOK / "src", BOOK / "html"
# The chapter that is completed here.
GALLERY = Path("docs/gallery.md")
# Networks and experiments that take minutes.
LONG = {"million"}
BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), "chromium")


def chapters():
    """Paths of the chapters that SUMMARY.md lists, from the repository's root."""
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "docs/SUMMARY.md").read_text())
    return [(ROOT / "docs" / link).resolve().relative_to(ROOT) for link in links]


def place(path):
    """Where a document lies in the book: a folder's README is its index."""
    return path.with_name("index.md") if path.name == "README.md" else path


def math(text):
    """Equations, as code hosts know them, for the script of the book: blocks, and in the line $`between these`$."""

    def element(tag):
        return lambda found: f'<{tag} class="equation">{html.escape(found[1], quote=False)}</{tag}>'

    text = re.sub(r"^```math\n(.*?)\n```$", element("div"), text, flags=re.S | re.M)
    return re.sub(r"\$`([^`\n]+)`\$", element("span"), text)


def links(text, document):
    """The document with links to a README, and to folders, led to their pages of the book, and the files it links to."""
    files = []

    def link(found):
        whole, target = found[0], found[1]
        target, hash, fragment = target.partition("#")
        if "://" in target or not target:
            return whole
        path = (ROOT / document.parent / target).resolve()
        if path.name == "README.md":
            target = target.removesuffix("README.md") + "index.md"
        elif path.is_file() and path.suffix != ".md":
            files.append(path.relative_to(ROOT))
        elif path.is_dir():
            # The book has pages in place of folders: those of networks are the gallery.
            up = "../" * (len(document.parts) - 1)
            target = f"{target.rstrip('/')}/index.md" if (path / "README.md").exists() else f"{up}docs/gallery.md"
        return f"]({target}{hash}{fragment})"

    outside = re.split(r"(^```.*?^```$)", text, flags=re.S | re.M)
    outside[::2] = [re.sub(r"\]\(([^)\s]+)\)", link, part) for part in outside[::2]]
    return "".join(outside), files


def summary():
    """SUMMARY.md with its links from the root of the book."""

    def link(found):
        path = (ROOT / "docs" / found[1]).resolve().relative_to(ROOT)
        return f"]({place(path)})"

    return re.sub(r"\]\(([^)]+)\)", link, (ROOT / "docs/SUMMARY.md").read_text())


def copy(path):
    """Copies a file to where it stands in the repository."""
    there = SOURCE / path
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / path, there)


def lay_out():
    """The book's sources."""
    for path in chapters():
        text, files = links((ROOT / path).read_text(), path)
        there = SOURCE / place(path)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(math(text))
        for file in files:
            copy(file)
    (SOURCE / "SUMMARY.md").write_text(summary())
    for name in ["book.toml", "book.css", "equations.js"]:
        shutil.copy(ROOT / "docs/book" / name, BOOK)
    shutil.copytree(ROOT / "docs/book/katex", BOOK / "katex")
    shutil.copytree(ROOT / "docs/book/katex/fonts", SOURCE / "katex/fonts")


def caption(file):
    """What a network file says is to be seen, on its line or folded over those below."""
    said = re.search(r"^caption: *(?:>-?\n((?:  .*\n)+)|(.+)$)", file.read_text(), flags=re.M)
    return " ".join((said[1] or said[2]).split()).strip("\"'") if said else ""


def browse(page, *options):
    """A page in a browser without a window."""
    with tempfile.TemporaryDirectory() as profile:
        call = [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--hide-scrollbars", "--virtual-time-budget=5000",
            f"--user-data-dir={profile}", *options, page.as_uri(),
        ]
        return subprocess.run(call, check=True, capture_output=True, timeout=120, text=True).stdout


def gallery(qhh):
    """Runs what is shipped: each of their pages, with its picture and its file."""
    pages = SOURCE / "gallery"
    pages.mkdir(parents=True)
    text = [(SOURCE / GALLERY).read_text()]
    for title, folder, command in [("Networks", "networks", "run"), ("Experiments", "networks/experiments", "sweep")]:
        text += ["", f"## {title}", "", '<ul class="gallery">']
        for file in sorted((ROOT / folder).glob("*.yaml")):
            if file.stem in LONG:
                continue
            copy(file.relative_to(ROOT))
            page, image = pages / f"{file.stem}.html", pages / f"{file.stem}.png"
            with tempfile.TemporaryDirectory() as place:
                subprocess.run([qhh, command, file, "--quiet", "--out", f"{place}/out"], check=True, capture_output=True)
                shutil.copy(f"{place}/out/report.html", page)
            browse(page, "--window-size=900,900", f"--screenshot={image}")
            shown = f'<img src="../gallery/{image.name}" alt="Page of {file.stem}" loading="lazy"><b>{file.stem}</b>'
            text.append(
                f'<li><a href="../gallery/{page.name}">{shown}</a>'
                f'<p>{html.escape(caption(file))} <a href="../{folder}/{file.name}">{file.name}</a></p></li>'
            )
        text.append("</ul>")
    (SOURCE / GALLERY).write_text("\n".join(text) + "\n")


class Page(html.parser.HTMLParser):
    """What a page of the book links to, and its anchors."""

    def __init__(self, file):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(file.read_text())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name in ("id", "name") and value:
                self.anchors.add(value)


def dead_links():
    """Links of the book's pages that lead nowhere. Pages of runs have none out of themselves."""
    pages = {file: Page(file) for file in HTML.rglob("*.html") if file.parent != HTML / "gallery" and file.name != "404.html"}
    for file, page in pages.items():
        for link in page.links:
            target, _, fragment = link.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = (file.parent / unquote(target)).resolve() if target else file
            if there.is_dir():
                there /= "index.html"
            if not there.exists() or fragment and there in pages and unquote(fragment) not in pages[there].anchors:
                yield f"{file.relative_to(HTML)} links to {link}, which is not there"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--qhh", default=ROOT / "target/release/qhh", help="the program, built")
    options.add_argument("--no-gallery", action="store_true", help="without runs, to look at the text")
    options.add_argument("--mdbook", default="mdbook")
    options = options.parse_args()
    shutil.rmtree(BOOK, ignore_errors=True)
    lay_out()
    if not options.no_gallery:
        gallery(options.qhh)
    subprocess.run([options.mdbook, "build", BOOK], check=True)
    faults = sorted(set(dead_links()))
    equations = 0
    for page in HTML.rglob("*.html"):
        if 'class="equation"' in page.read_text():
            shown = browse(page, "--dump-dom")
            here, wrong = shown.count('class="katex"'), shown.count("katex-error")
            equations += here
            if wrong or here != page.read_text().count('class="equation"'):
                faults.append(f"{page.relative_to(HTML)}: {here} equations are set, {wrong} wrong")
    if not equations or not list(HTML.glob("searchindex*.js")):
        faults.append("the book has no equations, or no search")
    pages = len(list(HTML.rglob("*.html")))
    print("\n".join(faults) or f"{pages} pages, {equations} equations, every link leads somewhere")
    sys.exit(bool(faults))


main()
