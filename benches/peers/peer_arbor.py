"""The pool in Arbor: a cable cell of one compartment of 100 um2, with Arbor's own `hh` mechanism."""

import json
import math
import sys

import arbor as A
import numpy as np
from arbor import units as U

import common

AREA = 1e-6  # cm2
GROUP = 1000  # cells stepped together: 100 to 1000 are the fastest, one at a time is six times slower


class Pool(A.recipe):
    def __init__(self, currents, watched):
        A.recipe.__init__(self)
        self.currents, self.watched = currents, watched
        side = math.sqrt(AREA * 1e8 / math.pi)  # um
        self.tree = A.segment_tree()
        self.tree.append(A.mnpos, A.mpoint(0, 0, 0, side / 2), A.mpoint(side, 0, 0, side / 2), tag=1)
        self.channels = A.density(
            "hh",
            {
                "gkbar": common.G_K * 1e-3,
                "gnabar": common.G_NA * 1e-3,
                "gl": common.G_CL * 1e-3,
                "el": common.E_CL,
            },
        )

    def num_cells(self):
        return len(self.currents)

    def cell_kind(self, _):
        return A.cell_kind.cable

    def cell_description(self, gid):
        decor = A.decor()
        decor.paint("(all)", self.channels)
        decor.place("(location 0 0.5)", A.i_clamp(float(self.currents[gid]) * AREA * 1e3 * U.nA))
        decor.place("(location 0 0.5)", A.threshold_detector(0 * U.mV), "detector")
        return A.cable_cell(self.tree, decor, A.label_dict(), A.cv_policy_single())

    def probes(self, _):
        return [A.cable_probe_membrane_voltage("(location 0 0.5)", "v")] if self.watched else []

    def global_properties(self, _):
        properties = A.neuron_cable_properties()
        properties.catalogue = A.default_catalogue()
        properties.set_property(
            Vm=common.REST * U.mV, cm=common.C * 0.01 * U.F / U.m2, tempK=279.45 * U.Kelvin, rL=100 * U.Ohm * U.cm
        )
        # Concentrations must be given but do not matter: the batteries are constant.
        for ion, reversal in [("k", common.E_K), ("na", common.E_NA)]:
            properties.set_ion(ion, valence=1, int_con=10 * U.mM, ext_con=10 * U.mM, rev_pot=reversal * U.mV)
        return properties


def main():
    job = json.loads(sys.argv[1])
    exact = job["what"] == "error"
    currents = common.currents()[common.subsample()] if exact else common.currents(job["count"])
    pool = Pool(currents, exact)
    context = A.context(threads=1)
    hints = {A.cell_kind.cable: A.partition_hint(cpu_group_size=GROUP)}
    simulation = A.simulation(pool, context, A.partition_load_balance(pool, context, hints))
    # `all` finds no spikes where there are no connections.
    simulation.record(A.spike_recording.local)
    step = job["step"] * U.ms
    if exact:
        probes = [simulation.sample((gid, "v"), A.regular_schedule(step)) for gid in range(len(currents))]
    with common.Clock() as clock:
        simulation.run(job["duration"] * U.ms, step)
    if exact:
        samples = [simulation.samples(probe)[0][0] for probe in probes]
        spikes = common.crossings(samples[0][:, 0], np.array([s[:, 1] for s in samples]).T)
        result = common.judge(spikes, common.reference_periods())
    else:
        result = {"cpu_seconds": clock.cpu, "spikes": len(simulation.spikes())}
    config = A.config()
    settings = f"own hh, wheel for {config['arch']}, vectorised: {'yes' if config['vectorize'] else 'no'}"
    print(json.dumps(result | {"version": config["version"], "settings": settings}))


if __name__ == "__main__":
    main()
