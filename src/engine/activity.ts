/** Knows for how long nobody has used the engine. */
export class ActivityMonitor {
  #present = 0;
  #idleSince = Date.now();

  /** Someone is here until the returned function is called. */
  enter(): () => void {
    this.#present += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#present -= 1;
      this.#idleSince = Date.now();
    };
  }

  /** Milliseconds since the last one left; 0 while someone is here. */
  idleMs(): number {
    return this.#present > 0 ? 0 : Date.now() - this.#idleSince;
  }
}
