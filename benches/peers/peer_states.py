"""Quantum states by The Walrus, NumPy and QuTiP: one job as JSON in, one line of JSON out."""

import json
import sys
import time

import numpy


def covariance(modes):
    """A dense covariance of so many modes: two-mode squeezing, interferometers and loss."""
    random = numpy.random.default_rng(1)

    def orthogonal():
        """A passive interferometer in the order x_1 .. x_n, p_1 .. p_n."""
        z = random.normal(size=(modes, modes)) + 1j * random.normal(size=(modes, modes))
        u, _ = numpy.linalg.qr(z)
        return numpy.block([[u.real, -u.imag], [u.imag, u.real]])

    r = random.uniform(0, 1, modes)
    squeezed = numpy.diag(numpy.concatenate([numpy.exp(-2 * r), numpy.exp(2 * r)]))
    turned = orthogonal()
    return 0.9 * turned @ squeezed @ turned.T + 0.1 * numpy.eye(2 * modes)


def log_negativity_numpy(sigma, modes):
    """From the eigenvalues of Omega times the partial transpose."""
    turned = sigma.copy()
    first = numpy.arange(modes, modes + modes // 2)
    turned[first, :] *= -1
    turned[:, first] *= -1
    zero, one = numpy.zeros((modes, modes)), numpy.eye(modes)
    omega = numpy.block([[zero, one], [-one, zero]])
    nu = numpy.abs(numpy.linalg.eigvals(1j * omega @ turned))
    return float(-numpy.log(nu[nu < 1]).sum() / 2)


def three_modes(cutoff, points):
    """Three resonators in cascade behind squeezed vacuum, in number states: photons of each at the end."""
    import qutip

    kappa, r, span = 1.0, 1.0, 10.0
    one, a = qutip.qeye(cutoff), qutip.destroy(cutoff)
    lower = [qutip.tensor(*[a if k == j else one for k in range(3)]) for j in range(3)]
    hamiltonian = sum(
        -0.5j * kappa * (lower[k].dag() * lower[j] - lower[j].dag() * lower[k])
        for k in range(3)
        for j in range(k)
    )
    out = numpy.sqrt(kappa) * sum(lower)
    bath = numpy.cosh(r) * out + numpy.sinh(r) * out.dag()
    vacuum = qutip.tensor(*[qutip.fock_dm(cutoff, 0)] * 3)
    result = qutip.mesolve(
        hamiltonian, vacuum, numpy.linspace(0, span, points), [bath], e_ops=[x.dag() * x for x in lower]
    )
    return [float(values[-1]) for values in result.expect]


def main():
    job = json.loads(sys.argv[1])
    if job["what"] == "three_modes":
        begun = time.process_time()
        answer = three_modes(job["cutoff"], 51)
        import qutip

        version = qutip.__version__
    else:
        sigma = covariance(job["modes"])
        half = list(range(job["modes"] // 2))
        if job["tool"] == "thewalrus":
            import thewalrus
            from thewalrus.quantum import log_negativity

            version = thewalrus.__version__
            # Once for what it compiles.
            log_negativity(covariance(4), [0, 1], hbar=2)
            begun = time.process_time()
            answer = float(log_negativity(sigma, half, hbar=2))
        else:
            version = numpy.__version__
            begun = time.process_time()
            answer = log_negativity_numpy(sigma, job["modes"])
    print(json.dumps({"version": version, "cpu_seconds": time.process_time() - begun, "answer": answer}))


if __name__ == "__main__":
    main()
