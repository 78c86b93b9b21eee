//! What inputs are made from: the shipped networks, the broken ones, and small examples of everything else.

use std::fs;
use std::path::{Path, PathBuf};

/// Every shipped and every broken network file, and the tests' own.
pub(crate) fn networks() -> Vec<Vec<u8>> {
    let files = files(&["networks", "networks/experiments", "tests/broken", "tests/cli/data"]);
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Every shipped task, of the network that the target has.
pub(crate) fn tasks() -> Vec<Vec<u8>> {
    let of_target = |line: &str| match line {
        line if line.starts_with("network: ") => "network: net.yaml\n".to_owned(),
        line => format!("{line}\n"),
    };
    let files = files(&["networks/learning"]);
    let texts = files.iter().map(|path| fs::read_to_string(path).unwrap());
    let tasks = texts.filter(|text| text.contains("\ntask:"));
    tasks.map(|text| text.lines().map(of_target).collect::<String>().into_bytes()).collect()
}

/// The folder of the workspace.
fn root() -> &'static Path {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.into_iter().find(|folder| folder.join("networks").is_dir()).unwrap()
}

/// Files of networks and tasks in these folders, in order.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let root = root();
    let mut files: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    // Folders list in any order.
    files.sort();
    files
}

/// Numbers with units.
pub(crate) fn quantities() -> Vec<Vec<u8>> {
    let texts = [
        "1 uF",
        "3kΩ",
        "-77 mV",
        "80 Hz",
        "10 rad/ms",
        "90 deg",
        "0.3 µF",
        "1e3 m/s",
        "10 mK",
        "2 uA",
        "7",
        "-1.5e-3",
        "1 uF mV^2 ms",
        "36 mS",
        "1 mV²",
        "0.1 V s / A",
        "4 %",
        "1e308 kV",
        "3 fJ",
        "2 pW",
        "1 ns",
        "inf",
        "1 1/ms",
    ];
    lines(&texts)
}

/// Options of the command line, a line each.
pub(crate) fn options() -> Vec<Vec<u8>> {
    let texts = [
        "neurons.relay.output.capacitance=1 uF",
        "simulation.duration=80 ms\nsimulation.seed=18446744073709551615",
        "record.quantities[0]=voltage\nrecord.of=relay[0..2]",
        "sources.kick.current={shape: pulse, amplitude: 1, start: 1 ms, duration: 1 ms}",
        "waveguides.axon.pattern={fixed-fan-in: {k: 2}}",
        "neurons.relay.count=1000\nneurons.relay.channels.potassium.conductance=[1 mS, 2 mS]",
        "neurons.relay.initial={voltage: {uniform: [-1 mV, 1 mV]}, n: 0.5}",
        "quantum={hbar: 0.5, temperature: 1}\nquantum.fluctuations=heisenberg",
        "simulation.method=null",
        "--vary simulation.step=1,2,5",
        "--vary waveguides.axon.transmission=0.1:1.0:0.05",
        "--vary waveguides.axon.delay=linear:1 ms:2 ms:19",
        "--vary neurons.relay.count=log:1:100:20",
        "--vary sources.kick.into=[[relay[0], relay[1]], relay]",
        "experiment.repeats=3\nexperiment.design=sobol\nexperiment.points=8",
        "experiment.find={path: waveguides.axon.transmission, from: 0, to: 1, where: fired >= 1}",
    ];
    lines(&texts)
}

/// CSV files and sparse matrices.
pub(crate) fn data_files() -> Vec<Vec<u8>> {
    let texts = [
        "t,i\n0,0\n1.5,2e0\n3,-1\n",
        "t, i\r\n0, 1\r\n1, \"2\"\r\n",
        "i\n1\n2\n3\n4\n",
        "delay\n1\n0.5\n2\n",
        "from,to,delay,transmission,weight\n0,1,1,0.5,1\n1,2,2,1,-0.5\n2,3,0.01,0,0\n",
        "from,to\n0,1\n3,3\n",
        "%%MatrixMarket matrix coordinate real general\n% a comment\n4 4 2\n1 2 0.5\n2 3 -1\n",
        "%%MatrixMarket matrix coordinate integer symmetric\n4 4 2\n2 1 3\n4 1 1\n",
        "%%MatrixMarket matrix coordinate pattern general\n4 4 3\n1 2\n2 3\n3 4\n",
    ];
    let sonata = ["contiguous", "tree", "single", "packed", "groups"]
        .map(|name| fs::read(root().join(format!("tests/data/sonata/{name}.h5"))).unwrap());
    lines(&texts).into_iter().chain(sonata).collect()
}

/// Journals and manifests of sweeps.
pub(crate) fn journals() -> Vec<Vec<u8>> {
    let done = |number: usize| {
        format!(
            "{{\"number\":{number},\"status\":\"done\",\"values\":[1.5,null],\"failed_checks\":0,\"error\":\"\"}}"
        )
    };
    let line = |json: &str| format!("{} {json}\n", checksum(json));
    let manifest = "{\"program\":\"qhh sweep\",\"version\":\"0.1.0\",\"name\":\"base\",\"runs\":2,\"keep_runs\":false,\
                    \"experiment_sha256\":\"\",\"data_sha256\":{}}";
    let texts = [
        line(&done(0)) + &line(&done(1)),
        line(&done(0)) + &line(&done(1))[..40],
        line(&done(usize::MAX)),
        line("{\"number\":1,\"status\":\"failed\",\"values\":[],\"failed_checks\":0,\"error\":\"no number\"}"),
        line("[]") + &line("{\"number\":1e400}") + &line(&done(1)),
        manifest.to_owned(),
        manifest.replace('2', "-2"),
        manifest.replace("{}}", "{\"a\":{}}}"),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

/// Every file of a folder of results, its name before it.
pub(crate) fn results() -> Vec<Vec<u8>> {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("run");
    crate::targets::write_results(&folder);
    let files = crate::targets::result_files(&folder);
    files.into_iter().map(|(name, bytes)| [name.as_bytes(), b"\n", &bytes].concat()).collect()
}

/// Models, whole and damaged.
pub(crate) fn models() -> Vec<Vec<u8>> {
    let text = |model: serde_json::Value| qhh_results::learning::model::text(&model, "abc", "qhh 0.1.0").unwrap();
    let sound = text(serde_json::json!({"weights": [1.5, -2e-300, 0.1], "names": {"a": null, "b": "x"}}));
    let texts = [
        sound.clone(),
        text(serde_json::json!([])),
        text(serde_json::json!(1e308)),
        sound.replace("1.5", "1.6"),
        sound.replace("\"version\": 1", "\"version\": 2"),
        "{\"format\": \"qhh model\"}".to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

/// As the journal makes it, so that lines pass it and their JSON is read.
fn checksum(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text);
    let first = digest.iter().take(8).fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    format!("{first:016x}")
}

fn lines(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
