/** Closes a run with the plain line `N passed, N failed`, after Jest's own output. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    // A suite that did not even load has no failed test of its own, yet must not count as nothing.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // At the very end, below the summary of the other reporters.
    process.once('exit', () => {
      console.log(`${results.numPassedTests} passed, ${failed} failed`);
    });
  }
}
