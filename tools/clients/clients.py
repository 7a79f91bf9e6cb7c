"""Runs one case of one unmodified client against the API that the environment names.

    IONQ_API_URL=http://localhost:3000/v0.4 IONQ_API_KEY=... python clients.py <case>

Prints what came out as one line of JSON.
"""

import json
import os
import sys
import time
import warnings

URL = os.environ["IONQ_API_URL"]


def simulator():
    from qiskit_ionq import IonQProvider

    return IonQProvider().get_backend("simulator")


def chain(qubits):
    """Entangles all qubits: only all zeros and all ones come out."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(qubits, qubits)
    circuit.h(0)
    for qubit in range(1, qubits):
        circuit.cx(qubit - 1, qubit)
    circuit.measure(range(qubits), range(qubits))
    return circuit


def flipped(qubits):
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(qubits, qubits)
    circuit.x(0)
    circuit.measure(range(qubits), range(qubits))
    return circuit


def qiskit_single():
    backend = simulator()
    job = backend.run(chain(2), shots=1000, name="bell")
    return {"qubits": backend.num_qubits, "counts": job.result().get_counts(), "probabilities": job.get_probabilities(), "status": job.status().name}


def qiskit_multi():
    result = simulator().run([chain(2), flipped(3)], shots=1000).result()
    return {"counts": [result.get_counts(index) for index in range(2)]}


def qiskit_noise():
    counts = simulator().run(chain(20), shots=500, noise_model="aria-1").result().get_counts()
    return {"shots": sum(counts.values()), "width": len(next(iter(counts))), "ideal": counts.get("0" * 20, 0) + counts.get("1" * 20, 0), "states": len(counts)}


def qiskit_memory():
    """X on the second of two qubits: each shot of most reads 10."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(2, 2)
    circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    backend = simulator()
    # Of a model that is given to run alone the client does not fetch any shots.
    backend.options.noise_model = "aria-1"
    job = backend.run(circuit, shots=200, memory=True)
    memory = job.get_memory()
    return {"shots": len(memory), "right": memory.count("10"), "same": {each: memory.count(each) for each in set(memory)} == dict(job.get_counts())}


def qiskit_sampler():
    """BackendSamplerV2 on one bit, where it reads what is measured, and on two, where it would not."""
    from qiskit import QuantumCircuit
    from qiskit.primitives import BackendSamplerV2

    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    found = {}
    for model in ("aria-1", "forte-1"):
        backend = simulator()
        backend.options.noise_model = model
        sampler = BackendSamplerV2(backend=backend)
        found[model] = sampler.run([(circuit,), (circuit,)], shots=200).result()[1].data.c.get_counts().get("1", 0)
        found[f"{model} alone"] = sampler.run([(circuit,)], shots=200).result()[0].data.c.get_counts().get("1", 0)
        try:
            sampler.run([(chain(2),)], shots=200).result()
            found[f"{model} of two"] = None
        except ValueError as error:
            found[f"{model} of two"] = str(error)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        BackendSamplerV2(backend=simulator()).run([(circuit,)], shots=200).result()
    found["ideal"] = [str(each.message) for each in told]
    return found


def qiskit_dry_run():
    from qiskit_ionq.exceptions import IonQJobError

    job = simulator().run(chain(2), shots=200, dry_run=True)
    try:
        job.result()
        raised = None
    except IonQJobError as error:
        raised = error.message
    return {"status": job.status().name, "dry_run": job.dry_run, "raised": raised}


def cirq_timeout():
    import cirq

    qubits = cirq.LineQubit.range(22)
    circuit = cirq.Circuit(cirq.H(each) for each in qubits for _ in range(9)) + cirq.Circuit(cirq.measure(*qubits[:2], key="some"))
    job = cirq_service().create_job(circuit, repetitions=500, noise={"model": "aria-1"})
    try:
        job.results(timeout_seconds=0.1, polling_seconds=0.1)
        raised = None
    except Exception as error:
        raised = f"{type(error).__name__}: {error}"
    job.cancel()
    return {"raised": raised}


def qiskit_cancel():
    from qiskit_ionq.exceptions import IonQJobStateError

    job = simulator().run(chain(20), shots=500, noise_model="aria-1")
    job.cancel()
    try:
        job.result()
        raised = None
    except IonQJobStateError as error:
        raised = error.message
    return {"status": job.status().name, "raised": raised}


def qiskit_revoked():
    from qiskit_ionq.exceptions import IonQAPIError

    backend = simulator()
    began = time.monotonic()
    try:
        backend.run(chain(2), shots=10)
        status = None
    except IonQAPIError as error:
        status = error.status_code
    return {"status": status, "seconds": time.monotonic() - began}


def cirq_service():
    import cirq_ionq

    return cirq_ionq.Service(remote_host=URL, default_target="simulator", max_retry_seconds=30)


def cirq_single():
    import cirq

    first, second = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.H(first), cirq.CNOT(first, second), cirq.measure(first, second, key="both"))
    result = cirq_service().run(circuit, repetitions=1000, name="bell")
    return {"counts": {format(value, "02b"): int(count) for value, count in result.histogram(key="both").items()}}


def cirq_batch():
    import cirq

    first, second = cirq.LineQubit.range(2)
    bell = cirq.Circuit(cirq.H(first), cirq.CNOT(first, second), cirq.measure(first, second, key="both"))
    flip = cirq.Circuit(cirq.X(first), cirq.X(second), cirq.measure(first, second, key="both"))
    results = cirq_service().run_batch([bell, flip], repetitions=1000)
    return {"counts": [{format(value, "02b"): int(count) for value, count in result.histogram(key="both").items()} for result in results]}


def cirq_list():
    jobs = cirq_service().list_jobs(limit=1000)
    return {"jobs": [{"id": job.job_id(), "status": job.status()} for job in jobs]}


def ionq_core():
    from ionq_core import IonQClient, iter_jobs, wait_for_job
    from ionq_core.api.backends import get_backends
    from ionq_core.api.default import create_job, get_job_probabilities
    from ionq_core.api.whoami import get_whoami
    from ionq_core.models.circuit_job_creation_payload import CircuitJobCreationPayload

    client = IonQClient(base_url=URL)
    payload = CircuitJobCreationPayload.from_dict({
        "type": "ionq.circuit.v1", "backend": "simulator", "shots": 1000, "name": "bell",
        "input": {"gateset": "qis", "qubits": 2, "circuit": [{"gate": "h", "target": 0}, {"gate": "cnot", "control": 0, "target": 1}]},
    })
    job = create_job.sync(client=client, body=payload)
    done = wait_for_job(client, job.id, poll_interval=0.2, timeout=60)
    return {
        "status": done.status,
        "probabilities": get_job_probabilities.sync(job.id, client=client).to_dict(),
        "listed": job.id in [str(each.id) for each in iter_jobs(client)],
        "key": get_whoami.sync(client=client).key_name,
        "backends": [each.backend for each in get_backends.sync(client=client)],
    }


def ionq_core_estimate():
    from ionq_core import IonQClient
    from ionq_core.api.default import estimate_job_cost

    estimate = estimate_job_cost.sync(client=IonQClient(base_url=URL), backend="simulator", qubits=25, shots=1000, field_1q_gates=30, field_2q_gates=30)
    return {"asked": estimate.estimate_context.to_dict(), "cost": estimate.estimated_total_cost, "unit": estimate.estimated_unit, "milliseconds": estimate.estimated_execution_time, "queue": estimate.current_predicted_queue_time, "rates": len(estimate.rate_card.rates)}


def qiskit_estimate():
    estimate = simulator().client.estimate_job(backend="simulator", oneq_gates=30, twoq_gates=30, qubits=25, shots=1000)
    return {"qubits": estimate.qubits, "gates": [estimate.oneq_gates, estimate.twoq_gates], "cost": estimate.cost, "milliseconds": estimate.exec_time, "queue": estimate.queue_time, "at": estimate.estimated_at is not None}


def qiskit_costly():
    from qiskit import QuantumCircuit
    from qiskit_ionq.exceptions import IonQAPIError

    circuit = QuantumCircuit(25, 1)
    for index in range(20_000):
        circuit.x(index % 25)
    circuit.measure(0, 0)
    try:
        simulator().run(circuit, shots=10)
        return {"status": None}
    except IonQAPIError as error:
        return {"status": error.status_code, "message": error.message}


def pennylane():
    import pennylane as qml
    from pennylane_ionq.api_client import APIClient

    APIClient.BASE_URL = URL

    @qml.set_shots(1000)
    @qml.qnode(qml.device("ionq.simulator", wires=2))
    def bell():
        qml.Hadamard(wires=0)
        qml.CNOT(wires=[0, 1])
        return qml.counts()

    return {"counts": {str(state): int(count) for state, count in bell().items()}}


CASES = {
    "qiskit-memory": qiskit_memory, "qiskit-sampler": qiskit_sampler, "qiskit-dry-run": qiskit_dry_run, "cirq-timeout": cirq_timeout,
    "qiskit-single": qiskit_single, "qiskit-multi": qiskit_multi, "qiskit-noise": qiskit_noise, "qiskit-cancel": qiskit_cancel, "qiskit-revoked": qiskit_revoked,
    "cirq-single": cirq_single, "cirq-batch": cirq_batch, "cirq-list": cirq_list, "ionq-core": ionq_core, "ionq-core-estimate": ionq_core_estimate, "qiskit-estimate": qiskit_estimate, "qiskit-costly": qiskit_costly, "pennylane": pennylane,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in CASES:
        sys.exit(f"Say which case: python clients.py {' | '.join(CASES)}")
    print(json.dumps(CASES[sys.argv[1]]()))
