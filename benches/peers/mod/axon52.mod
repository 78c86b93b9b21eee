: The channels of Hodgkin and Huxley (1952) at 6.3 C, without tables. Batteries are constants and the conductances are
: declared, so that the solver neither reads ions nor evaluates the current twice.
NEURON {
    SUFFIX axon52
    NONSPECIFIC_CURRENT ik, ina, il
    THREADSAFE
}
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
ASSIGNED { v (mV) ik (mA/cm2) ina (mA/cm2) il (mA/cm2) }
STATE { n m h }
INITIAL {
    n = an(v)/(an(v) + bn(v))
    m = am(v)/(am(v) + bm(v))
    h = ah(v)/(ah(v) + bh(v))
}
BREAKPOINT { LOCAL gk, gna, gl
    SOLVE gates METHOD cnexp
    gk = 0.036*n*n*n*n
    gna = 0.12*m*m*m*h
    gl = 0.0003
    CONDUCTANCE gk
    CONDUCTANCE gna
    CONDUCTANCE gl
    ik = gk*(v + 77)
    ina = gna*(v - 50)
    il = gl*(v + 54.387)
}
DERIVATIVE gates { LOCAL a, b, c, d, e, f
    a = an(v)
    b = bn(v)
    c = am(v)
    d = bm(v)
    e = ah(v)
    f = bh(v)
    n' = a - (a + b)*n
    m' = c - (c + d)*m
    h' = e - (e + f)*h
}
UNITSOFF
FUNCTION an(v) { an = 0.01*(v + 55)/(1 - exp(-0.1*(v + 55))) }
FUNCTION bn(v) { bn = 0.125*exp(-0.0125*(v + 65)) }
FUNCTION am(v) { am = 0.1*(v + 40)/(1 - exp(-0.1*(v + 40))) }
FUNCTION bm(v) { bm = 4*exp(-(v + 65)/18) }
FUNCTION ah(v) { ah = 0.07*exp(-0.05*(v + 65)) }
FUNCTION bh(v) { bh = 1/(1 + exp(-0.1*(v + 35))) }
UNITSON
