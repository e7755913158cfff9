// Counts what held and what did not, and says each failure in a line.

export class Tally {
  passed = 0;
  failed = 0;

  ok(what, holds, detail = "") {
    if (holds) {
      this.passed += 1;
    } else {
      this.failed += 1;
      console.log(`FAILED ${what}${detail ? `: ${detail}` : ""}`);
    }
    return Boolean(holds);
  }

  is(what, found, wanted) {
    return this.ok(what, found === wanted, `found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
  }

  // A part that breaks off counts as one failure; the other parts go on.
  async guard(what, part) {
    try {
      await part();
    } catch (error) {
      this.ok(what, false, String(error).split("\n", 2).join(" "));
    }
  }

  summary() {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}
