/** Ready to paste: the address is the one that this page came from. */
export const snippets = (secret: string, origin: string) => ({
  'curl': `curl ${origin}/v0.4/whoami \\\n  -H "Authorization: apiKey ${secret}"`,
  'qiskit': `import os\nfrom qiskit_ionq import IonQProvider\n\nos.environ["IONQ_API_URL"] = "${origin}/v0.4"\nbackend = IonQProvider("${secret}").get_backend("simulator")\nprint(backend.num_qubits)`,
  '.env': `IONQ_API_KEY=${secret}\nIONQ_API_URL=${origin}/v0.4`,
});
