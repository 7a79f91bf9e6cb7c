"""Makes every public call of one unmodified client once, against the API that the environment names.

    IONQ_API_URL=http://localhost:3000/v0.4 IONQ_API_KEY=... python calls.py <client>

Prints what came of each as one line of JSON: "works", or "refused: " and the status or the client's own error. A call of the client that is not
made here, or one that the client does not have, is an error: a new release of it is looked at anew.
"""

import asyncio
import importlib
import inspect
import json
import os
import pkgutil
import re
import sys
import warnings
from datetime import date

from clients import URL, chain, cirq_service, simulator


def methods(*classes):
    """The public methods that a package's classes have of their own."""
    return {
        f"{each.__name__}.{name}"
        for each in classes
        for name, member in inspect.getmembers(each, callable)
        if not name.startswith("_") and getattr(member, "__module__", "").split(".")[0] == each.__module__.split(".")[0]
    }


def came_of(call):
    try:
        call()
        return "works"
    except Exception as error:  # noqa: BLE001 - whatever a client makes of a refusal
        told = re.search(r'"statusCode":(\d+)', str(error))
        return f"refused: {told[1] if told else getattr(error, 'status_code', None) or type(error).__name__}"


def qiskit_calls():
    from qiskit_ionq import IonQProvider, Session
    from qiskit_ionq.ionq_backend import IonQQPUBackend, IonQSimulatorBackend
    from qiskit_ionq.ionq_client import IonQClient
    from qiskit_ionq.ionq_job import IonQJob
    from qiskit_ionq.ionq_result import IonQResult

    backend, qpu = simulator(), IonQProvider().get_backend("qpu.aria-1")
    client = backend.client
    backend.options.noise_model = "aria-1"
    job = backend.run(chain(2), shots=100, memory=True)
    result = job.result(wait=0.2)
    fresh = lambda: backend.run(chain(20), shots=500).job_id()
    unsent = lambda: IonQJob(backend, circuit=chain(2), passed_args={"shots": 10})
    session = Session.__new__(Session)
    session._backend, session._client, session._session_id, session._orig_run = backend, client, "01890a5d-ac96-774b-bcce-b302099a8057", None

    def all_of(of):
        return {
            "run": lambda: of.run(chain(2), shots=10),
            "retrieve_job": lambda: of.retrieve_job(job.job_id()),
            "retrieve_jobs": lambda: of.retrieve_jobs([job.job_id()]),
            "cancel_job": lambda: of.cancel_job(fresh()),
            "cancel_jobs": lambda: of.cancel_jobs([fresh()]),
            "calibration": of.calibration,
            "status": of.status,
            "gateset": of.gateset,
            "with_name": lambda: of.with_name(of.name),
        }

    calls = {
        "IonQProvider.get_backend": lambda: IonQProvider().get_backend("simulator"),
        **{f"IonQSimulatorBackend.{name}": call for name, call in all_of(backend).items()},
        **{f"IonQQPUBackend.{name}": call for name, call in all_of(qpu).items()},
        "IonQJob.submit": lambda: unsent().submit(),
        "IonQJob.status": lambda: backend.retrieve_job(job.job_id()).status(detailed=True),
        "IonQJob.result": lambda: job.result(),
        "IonQJob.get_counts": lambda: job.get_counts(),
        "IonQJob.get_memory": lambda: job.get_memory(),
        "IonQJob.get_probabilities": lambda: job.get_probabilities(),
        "IonQJob.cancel": lambda: backend.run(chain(20), shots=500).cancel(),
        "IonQJob.compiled_circuit": lambda: job.compiled_circuit(),
        "IonQResult.get_probabilities": lambda: result.get_probabilities(),
        "IonQClient.submit_job": lambda: client.submit_job(unsent()),
        "IonQClient.retrieve_job": lambda: client.retrieve_job(job.job_id()),
        "IonQClient.cancel_job": lambda: client.cancel_job(fresh()),
        "IonQClient.cancel_jobs": lambda: client.cancel_jobs([fresh()]),
        "IonQClient.delete_job": lambda: client.delete_job(fresh()),
        "IonQClient.get_calibration_data": lambda: client.get_calibration_data("simulator", limit=1),
        "IonQClient.get_latest_calibration": lambda: client.get_latest_calibration("simulator"),
        "IonQClient.get_results": lambda: client.get_results(f"/v0.4/jobs/{job.job_id()}/results/histogram"),
        "IonQClient.get_artifact": lambda: client.get_artifact(job.job_id(), "shots"),
        "IonQClient.estimate_job": lambda: client.estimate_job(backend="simulator", oneq_gates=1, twoq_gates=1, qubits=2, shots=10),
        "IonQClient.get_with_retry": lambda: client.get_with_retry(client.make_path("whoami"), headers=client.api_headers).json()["key_id"],
        "IonQClient.make_path": lambda: client.make_path("jobs"),
        "IonQClient.post": lambda: client.post("sessions", json_body={"backend": "simulator"}),
        "IonQClient.put": lambda: client.put("jobs", fresh(), "status", "cancel"),
        "Session.from_id": lambda: Session.from_id(session.session_id, backend=backend).details()["id"],
        "Session.details": lambda: session.details()["id"],
        "Session.status": lambda: session.details()["state"],
        "Session.usage": lambda: session.details()["usage_time"],
        "Session.cancel": session.cancel,
        "Session.close": session.close,
        "Session.run": lambda: session.run(chain(2), shots=10),
    }
    return methods(IonQProvider, IonQSimulatorBackend, IonQQPUBackend, IonQJob, IonQResult, IonQClient, Session), calls


def cirq_calls():
    import cirq
    import cirq_ionq

    first, second = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.H(first), cirq.CNOT(first, second), cirq.measure(first, second, key="both"))
    service = cirq_service()
    sampler = service.sampler()
    job = service.create_job(circuit, repetitions=10, name="bell")
    job.results(polling_seconds=0.2)
    fresh = lambda: service.create_job(circuit, repetitions=10, name="bell")
    wide = cirq.Circuit(cirq.H(each) for each in cirq.LineQubit.range(20)) + circuit
    calls = {
        "Service.run": lambda: service.run(circuit, repetitions=10),
        "Service.run_batch": lambda: service.run_batch([circuit, circuit], repetitions=10),
        "Service.sampler": lambda: service.sampler().sample(circuit, repetitions=10),
        "Service.create_job": fresh,
        "Service.create_batch_job": lambda: service.create_batch_job([circuit], repetitions=10),
        "Service.get_job": lambda: service.get_job(job.job_id()),
        "Service.list_jobs": lambda: service.list_jobs(status="completed", limit=5),
        "Service.get_current_calibration": service.get_current_calibration,
        "Service.list_calibrations": service.list_calibrations,
        "Job.job_id": job.job_id,
        "Job.status": job.status,
        "Job.target": job.target,
        "Job.name": job.name,
        "Job.num_qubits": job.num_qubits,
        "Job.repetitions": job.repetitions,
        "Job.measurement_dict": job.measurement_dict,
        "Job.results": lambda: job.results(),
        "Job.cancel": lambda: service.create_job(wide, repetitions=500, noise={"model": "aria-1"}).cancel(),
        "Job.delete": lambda: fresh().delete(),
        "Sampler.run_sweep": lambda: sampler.run_sweep(circuit, cirq.UnitSweep, repetitions=10),
    }
    return methods(cirq_ionq.Service, cirq_ionq.Job, cirq_ionq.Sampler), calls


def core_calls():
    import ionq_core
    from ionq_core.api.default import create_job, get_job_probabilities
    from ionq_core.models.circuit_job_creation_payload import CircuitJobCreationPayload
    from ionq_core.models.clone_job_payload import CloneJobPayload
    from ionq_core.models.create_session_request import CreateSessionRequest
    from ionq_core.models.group_by import GROUP_BY_VALUES
    from ionq_core.models.modality import MODALITY_VALUES
    from ionq_core.models.jobs_bulk_operation_request import JobsBulkOperationRequest

    client = ionq_core.IonQClient(base_url=URL)
    some = "01890a5d-ac96-774b-bcce-b302099a8057"
    payload = CircuitJobCreationPayload.from_dict({
        "type": "ionq.circuit.v1", "backend": "simulator", "shots": 100, "noise": {"model": "aria-1"},
        "input": {"gateset": "qis", "qubits": 20, "circuit": [{"gate": "h", "target": each} for each in range(20)]},
    })
    fresh = lambda: create_job.sync(client=client, body=payload).id
    done = fresh()
    ionq_core.wait_for_job(client, done, poll_interval=0.2)
    given = {
        "backends.get_backend": lambda: {"backend": "simulator"},
        "backends.get_backends": dict,
        "characterizations.get_characterization": lambda: {"backend": "qpu.aria-1", "uuid": some},
        "characterizations.get_characterizations_for_backend": lambda: {"backend": "qpu.aria-1"},
        "default.cancel_job": lambda: {"uuid": fresh()},
        "default.cancel_jobs": lambda: {"body": JobsBulkOperationRequest(ids=[fresh()])},
        "default.clone_job": lambda: {"uuid": done, "body": CloneJobPayload()},
        "default.create_job": lambda: {"body": payload},
        "default.create_session": lambda: {"body": CreateSessionRequest(backend="simulator")},
        "default.delete_job": lambda: {"uuid": fresh()},
        "default.delete_jobs": lambda: {"body": JobsBulkOperationRequest(ids=[fresh()])},
        "default.end_session": lambda: {"session_id": some},
        "default.estimate_job_cost": lambda: {"backend": "simulator", "qubits": 2, "shots": 10},
        "default.get_job": lambda: {"uuid": done},
        "default.get_job_artifact": lambda: {"uuid": done, "artifact_id": "histogram"},
        "default.get_job_cost": lambda: {"uuid": done},
        "default.get_job_probabilities": lambda: {"uuid": done},
        "default.get_jobs": lambda: {"status": "completed", "target": "simulator", "limit": 1},
        "default.get_session": lambda: {"session_id": some},
        "default.get_session_jobs": lambda: {"session_id_path": some},
        "default.get_sessions": dict,
        "default.move_job": lambda: {"uuid": done, "body": CloneJobPayload()},
        "schemas.get_format_schema": lambda: {"format_": "ionq.result.shots.json.v1"},
        "usage.get_usages": lambda: {"organization_id": some, "start_date": date(2026, 1, 1), "end_date": date(2026, 2, 1), "group_by": next(iter(GROUP_BY_VALUES)), "modality": next(iter(MODALITY_VALUES))},
        "whoami.get_whoami": dict,
    }
    api = importlib.import_module("ionq_core.api")
    found = {
        ".".join(each.name.split(".")[2:])
        for each in pkgutil.walk_packages(api.__path__, "ionq_core.api.")
        if not each.ispkg
    }

    class Refused(Exception):
        def __init__(self, status):
            self.status_code = status

    def both(name):
        module = importlib.import_module(f"ionq_core.api.{name}")
        for answer in (
            module.sync_detailed(**given[name](), client=client),
            asyncio_loop.run_until_complete(module.asyncio_detailed(**given[name](), client=client)),
        ):
            if answer.status_code not in (200, 201):
                raise Refused(int(answer.status_code))

    asyncio_loop = asyncio.new_event_loop()
    session = ionq_core.SessionManager.from_id(client, some)

    async def several(items):
        return [each async for each in items]

    calls = {
        **{name: lambda name=name: both(name) for name in given},
        "iter_jobs": lambda: list(ionq_core.iter_jobs(client, status="completed", limit=2)),
        "aiter_jobs": lambda: asyncio_loop.run_until_complete(several(ionq_core.aiter_jobs(client, limit=50))),
        "iter_session_jobs": lambda: list(ionq_core.iter_session_jobs(client, some)),
        "aiter_session_jobs": lambda: asyncio_loop.run_until_complete(several(ionq_core.aiter_session_jobs(client, some))),
        "wait_for_job": lambda: ionq_core.wait_for_job(client, done),
        "async_wait_for_job": lambda: asyncio_loop.run_until_complete(ionq_core.async_wait_for_job(client, done)),
        "SessionManager.from_id": lambda: ionq_core.SessionManager.from_id(client, some),
        "SessionManager.open": lambda: ionq_core.SessionManager(client, "simulator").open(),
        "SessionManager.close": session.close,
        "SessionManager.status": session.status,
        "SessionManager.async_open": lambda: asyncio_loop.run_until_complete(ionq_core.SessionManager(client, "simulator").async_open()),
        "SessionManager.async_close": lambda: asyncio_loop.run_until_complete(session.async_close()),
        "SessionManager.async_status": lambda: asyncio_loop.run_until_complete(session.async_status()),
    }
    helpers = {
        name
        for module in (ionq_core.pagination, ionq_core.polling)
        for name in module.__all__
        if inspect.isfunction(getattr(module, name))
    }
    return found | helpers | methods(ionq_core.SessionManager), calls


def pennylane_calls():
    import pennylane as qml
    import pennylane_ionq
    from pennylane_ionq.api_client import APIClient, Job, ResourceManager

    APIClient.BASE_URL = URL
    client = APIClient()
    given = {"type": "ionq.circuit.v1", "backend": "simulator", "input": {"gateset": "qis", "qubits": 1, "circuit": [{"gate": "x", "target": 0}]}}

    def made():
        job = Job(client=client)
        job.manager.create(**given)
        return job

    def ran(name, gates=(lambda: qml.Hadamard(wires=0), lambda: qml.CNOT(wires=[0, 1])), **options):
        device = qml.device(name, wires=2, **options)

        @qml.set_shots(100)
        @qml.qnode(device)
        def circuit():
            for gate in gates:
                gate()
            return qml.counts(), qml.probs(wires=0)

        circuit()
        return device

    def batch(name):
        tapes = [qml.tape.QuantumScript([qml.PauliX(0)], [qml.probs(wires=[0])], shots=100) for _ in range(2)]
        qml.device(name, wires=1).batch_execute(tapes)

    native = {"gateset": "native"}
    ops = {
        "GPI": (lambda: pennylane_ionq.GPI(0.1, wires=0), native),
        "GPI2": (lambda: pennylane_ionq.GPI2(0.1, wires=0), native),
        "MS": (lambda: pennylane_ionq.MS(0.1, 0.2, 0.25, wires=[0, 1]), native),
        "XX": (lambda: pennylane_ionq.XX(0.1, wires=[0, 1]), {}),
        "YY": (lambda: pennylane_ionq.YY(0.1, wires=[0, 1]), {}),
        "ZZ": (lambda: pennylane_ionq.ZZ(0.1, wires=[0, 1]), {}),
    }
    calls = {
        "ionq.simulator": lambda: ran("ionq.simulator"),
        "ionq.simulator, several circuits": lambda: batch("ionq.simulator"),
        "ionq.qpu": lambda: ran("ionq.qpu", backend="aria-1"),
        "ionq.qpu, several circuits": lambda: batch("ionq.qpu"),
        **{name: lambda gate=gate, options=options: ran("ionq.simulator", (gate,), **options) for name, (gate, options) in ops.items()},
        "APIClient.get": lambda: client.get("whoami").json()["key_id"],
        "APIClient.post": lambda: client.post("jobs", given).json()["id"],
        "ResourceManager.create": made,
        "ResourceManager.get": lambda: (lambda job: job.manager.get(resource_id=job.id.value))(made()),
        "Job.reload": lambda: made().reload(),
    }
    asking = {name for name in methods(APIClient, Job, ResourceManager) if name.split(".")[1] in ("get", "post", "create", "reload", "delete", "put")}
    exported = {name for name in dir(pennylane_ionq) if inspect.isclass(getattr(pennylane_ionq, name))} - {"SimulatorDevice", "QPUDevice"}
    devices = {each for each in calls if each.startswith("ionq.")}
    return asking | exported | devices, calls


CLIENTS = {"qiskit-ionq": qiskit_calls, "cirq-ionq": cirq_calls, "ionq-core": core_calls, "pennylane-ionq": pennylane_calls}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) != 2 or sys.argv[1] not in CLIENTS:
        sys.exit(f"Say which client: python calls.py {' | '.join(CLIENTS)}")
    known, calls = CLIENTS[sys.argv[1]]()
    if known != set(calls):
        sys.exit(f"Not called: {sorted(known - set(calls))}. Not there: {sorted(set(calls) - known)}.")
    print(json.dumps({name: came_of(call) for name, call in calls.items()}))
