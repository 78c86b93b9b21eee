"""Spike times of published neurons by Brian2, from JSON on stdin to JSON on stdout.

In: a list of {"neuron", "currents", "voltage", "duration", "step"}; voltages in mV, currents in uA/cm2, times in ms. Out:
for each case the upward crossings of 0 mV, in ms, of a neuron of each current. Fourth-order Runge-Kutta, the equations
as each paper writes them.
"""

import json
import re
import sys

import numpy as np

# Capacitance, equations and gates of each neuron; v in mV, rates in 1/ms. Products in place of powers, so that a compiler
# can vectorise them: `benches/peers/channels.py` measures the same equations. linoid(x) is x/(1 - exp(-x)).
NEURONS = {
    "connor-stevens": (
        1.0,
        """
        I_ion = 120*m*m*m*h*(v - 55) + 20*(n*n)*(n*n)*(v + 72) + 47.7*a*a*a*b*(v + 75) + 0.3*(v + 17) : 1
        alpha_m = 3.8*linoid(0.1*(v + 29.7)) : 1
        beta_m = 15.2*exp(-0.0556*(v + 54.7)) : 1
        alpha_h = 0.266*exp(-0.05*(v + 48)) : 1
        beta_h = 3.8/(1 + exp(-0.1*(v + 18))) : 1
        alpha_n = 0.2*linoid(0.1*(v + 45.7)) : 1
        beta_n = 0.25*exp(-0.0125*(v + 55.7)) : 1
        inf_a = (0.0761*exp(0.0314*(v + 94.22))/(1 + exp(0.0346*(v + 1.17))))**(1.0/3.0) : 1
        tau_a = 0.3632 + 1.158/(1 + exp(0.0497*(v + 55.96))) : 1
        root_b = 1/(1 + exp(0.0688*(v + 53.3))) : 1
        inf_b = (root_b*root_b)*(root_b*root_b) : 1
        tau_b = 1.24 + 2.678/(1 + exp(0.0624*(v + 50))) : 1
        """,
        {"m": "rates", "h": "rates", "n": "rates", "a": "tau", "b": "tau"},
    ),
    "morris-lecar": (
        20.0,
        """
        I_ion = 4.4*inf_m*(v - 120) + 8*w*(v + 84) + 2*(v + 60) : 1
        inf_m = 0.5*(1 + tanh((v + 1.2)/18)) : 1
        inf_w = 0.5*(1 + tanh((v - 2)/30)) : 1
        tau_w = 1/(0.04*cosh((v - 2)/60)) : 1
        """,
        {"w": "tau"},
    ),
    "wang-buzsaki": (
        1.0,
        """
        I_ion = 35*inf_m*inf_m*inf_m*h*(v - 55) + 9*(n*n)*(n*n)*(v + 90) + 0.1*(v + 65) : 1
        alpha_m = linoid(0.1*(v + 35)) : 1
        beta_m = 4*exp(-(v + 60)/18) : 1
        inf_m = alpha_m/(alpha_m + beta_m) : 1
        alpha_h = 5*0.07*exp(-(v + 58)/20) : 1
        beta_h = 5/(exp(-0.1*(v + 28)) + 1) : 1
        alpha_n = 5*0.1*linoid(0.1*(v + 34)) : 1
        beta_n = 5*0.125*exp(-(v + 44)/80) : 1
        """,
        {"h": "rates", "n": "rates"},
    ),
    "traub-miles": (
        1.0,
        """
        I_ion = 100*m*m*m*h*(v - 50) + 30*(n*n)*(n*n)*(v + 90) + 0.05*(v + 60) : 1
        alpha_m = 0.32*4*linoid((v + 63 - 13)/4) : 1
        beta_m = 0.28*5*linoid((40 - v - 63)/5) : 1
        alpha_h = 0.128*exp((17 - v - 63)/18) : 1
        beta_h = 4/(1 + exp((40 - v - 63)/5)) : 1
        alpha_n = 0.032*5*linoid((v + 63 - 15)/5) : 1
        beta_n = 0.5*exp((10 - v - 63)/40) : 1
        """,
        {"m": "rates", "h": "rates", "n": "rates"},
    ),
}


def model(neuron, linoid):
    """Brian2's equations and the gates' steady states; `linoid` writes x/(1 - exp(-x)) for a text x."""
    capacitance, equations, gates = NEURONS[neuron]
    equations = re.sub(r"linoid(\((?:[^()]|\([^()]*\))*\))", lambda found: linoid(found[1]), equations)
    equations += f"dv/dt = (current - I_ion)/({capacitance}*ms) : 1\ncurrent : 1 (constant)\n"
    steady = {}
    for x, law in gates.items():
        if law == "rates":
            equations += f"d{x}/dt = (alpha_{x}*(1 - {x}) - beta_{x}*{x})/ms : 1\n"
            steady[x] = f"alpha_{x}/(alpha_{x} + beta_{x})"
        else:
            equations += f"d{x}/dt = (inf_{x} - {x})/(tau_{x}*ms) : 1\n"
            steady[x] = f"inf_{x}"
    return equations, steady


def crossings(times, voltages):
    """Upward crossings of 0 on straight lines between the samples."""
    (before,) = np.nonzero((voltages[:-1] < 0) & (voltages[1:] >= 0))
    part = -voltages[before] / (voltages[before + 1] - voltages[before])
    return (times[before] + part * (times[before + 1] - times[before])).tolist()


def spikes(b, case):
    b.start_scope()
    b.defaultclock.dt = case["step"] * b.ms
    # exprel(x) is (exp(x) - 1)/x without the hole at 0.
    equations, steady = model(case["neuron"], lambda x: f"(1/exprel(-{x}))")
    neurons = b.NeuronGroup(len(case["currents"]), equations, method="rk4")
    neurons.v = case["voltage"]
    neurons.current = case["currents"]
    for x, formula in steady.items():
        setattr(neurons, x, formula)
    monitor = b.StateMonitor(neurons, "v", record=True)
    b.run(case["duration"] * b.ms)
    return [crossings(np.asarray(monitor.t / b.ms), voltages) for voltages in monitor.v]


def main():
    import brian2

    # Without a compiler: the neurons are few.
    brian2.prefs.codegen.target = "numpy"
    json.dump([spikes(brian2, case) for case in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
