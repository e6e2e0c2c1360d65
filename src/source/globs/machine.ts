/** One piece of a pattern, as it was parsed. */
export type Piece =
  | { readonly is: 'text'; readonly character: string }
  /** One character that is no slash. */
  | { readonly is: 'one' }
  /** Any characters, none included: without slashes, or `deep` with them. */
  | { readonly is: 'star'; readonly deep: boolean }
  | { readonly is: 'class'; readonly has: (codePoint: number) => boolean }
  /** `min` (0 or 1) to one of the alternatives, or to any number of them. */
  | { readonly is: 'choice'; readonly of: readonly (readonly Piece[])[]; readonly min: 0 | 1; readonly many: boolean }
  /** Any characters except one of the alternatives as a whole. */
  | { readonly is: 'not'; readonly of: readonly (readonly Piece[])[]; readonly deep: boolean };

/** A pattern, ready to match whole texts. */
export interface Machine {
  matches(text: string): boolean;
  /** How much work was done so far: tests bound it, because time depends on the machine. */
  readonly steps: number;
}

/** Most instructions of one pattern. A set of numbers such as `{1..10000}` has one for each digit. */
const MOST_INSTRUCTIONS = 100_000;
/** Transitions that are remembered; then they are computed anew. */
const MOST_REMEMBERED = 4_096;

const SLASH = 0x2f;

type Instruction =
  | { readonly does: 'read'; readonly fits: (codePoint: number) => boolean; readonly next: number }
  | { readonly does: 'split'; readonly to: number[] }
  | { readonly does: 'not'; readonly inner: StateMachine; readonly deep: boolean; readonly next: number }
  | { readonly does: 'end' };

/** A set of instructions that the pattern may be at. Those of `not` come with the state of what they exclude. */
interface State {
  readonly id: number;
  readonly reads: readonly number[];
  readonly nots: readonly Inside[];
  readonly accepts: boolean;
  /** Where each ASCII character leads, as far as that is known, and where each other one does. */
  readonly ascii: (State | undefined)[];
  readonly others: Map<number, State>;
  /** Nothing that follows can match. */
  readonly dead: boolean;
}

interface Inside {
  readonly at: number;
  readonly state: State;
}

interface StateMachine {
  start(): State;
  after(state: State, codePoint: number): State;
}

interface Work {
  steps: number;
  ids: number;
}

/**
 * Prepares a pattern. It follows all ways through the pattern at once and remembers where a character leads, so a text takes time in proportion to
 * its length, whatever the pattern; one with `not` at most to its square.
 * @throws Error for a pattern that is too large
 */
export function patternMachine(pieces: readonly Piece[]): Machine {
  const work: Work = { steps: 0, ids: 0 };
  const machine = stateMachine([pieces], work, { left: MOST_INSTRUCTIONS });
  return {
    matches(text) {
      let state = machine.start();
      for (let at = 0; at < text.length; ) {
        work.steps += 1;
        const unit = text.charCodeAt(at);
        const known = unit < 128 ? state.ascii[unit] : undefined;
        if (known !== undefined) {
          state = known;
          at += 1;
        } else {
          const codePoint = text.codePointAt(at) ?? 0;
          state = machine.after(state, codePoint);
          at += codePoint > 0xffff ? 2 : 1;
        }
        if (state.dead) return false;
      }
      return state.accepts;
    },
    get steps() {
      return work.steps;
    },
  };
}

function stateMachine(of: readonly (readonly Piece[])[], work: Work, room: { left: number }): StateMachine {
  const program: Instruction[] = [{ does: 'end' }];
  const first = compileChoice(of, 0);
  let known = new Map<string, State>();
  let remembered = 0;
  let start: State | undefined;

  function add(instruction: Instruction): number {
    room.left -= 1;
    if (room.left < 0) throw new Error(`it expands to more than ${MOST_INSTRUCTIONS} characters`);
    return program.push(instruction) - 1;
  }

  /** The instruction that begins these pieces and continues with `next`. */
  function compile(pieces: readonly Piece[], next: number): number {
    let to = next;
    for (let index = pieces.length - 1; index >= 0; index--) {
      const piece = pieces[index];
      if (piece !== undefined) to = compilePiece(piece, to);
    }
    return to;
  }

  function compileChoice(alternatives: readonly (readonly Piece[])[], next: number): number {
    const to = alternatives.map((pieces) => compile(pieces, next));
    return to.length === 1 ? (to[0] ?? next) : add({ does: 'split', to });
  }

  function compilePiece(piece: Piece, next: number): number {
    switch (piece.is) {
      case 'text': {
        const wanted = piece.character.codePointAt(0);
        return add({ does: 'read', fits: (codePoint) => codePoint === wanted, next });
      }
      case 'one':
        return add({ does: 'read', fits: isNoSlash, next });
      case 'class': {
        const { has } = piece;
        return add({ does: 'read', fits: (codePoint) => codePoint !== SLASH && has(codePoint), next });
      }
      case 'star': {
        const to: number[] = [next];
        const loop = add({ does: 'split', to });
        to.push(add({ does: 'read', fits: piece.deep ? () => true : isNoSlash, next: loop }));
        return loop;
      }
      case 'choice': {
        if (!piece.many) {
          const choice = compileChoice(piece.of, next);
          return piece.min === 1 ? choice : add({ does: 'split', to: [choice, next] });
        }
        const to: number[] = [next];
        const loop = add({ does: 'split', to });
        const choice = compileChoice(piece.of, loop);
        to.push(choice);
        return piece.min === 1 ? choice : loop;
      }
      case 'not':
        return add({ does: 'not', inner: stateMachine(piece.of, work, room), deep: piece.deep, next });
    }
  }

  /** The state of all instructions that can be reached from these without a character. */
  function stateOf(from: readonly number[], insides: readonly Inside[]): State {
    const seen = new Set<number>();
    const nots = new Map<string, Inside>();
    const open: number[] = [];
    const reach = (at: number): void => {
      work.steps += 1;
      if (seen.has(at)) return;
      seen.add(at);
      open.push(at);
    };
    const enter = (inside: Inside, next: number): void => {
      work.steps += 1;
      nots.set(`${inside.at}.${inside.state.id}`, inside);
      if (!inside.state.accepts) reach(next);
    };
    for (const at of from) reach(at);
    for (const inside of insides) {
      const instruction = program[inside.at];
      if (instruction?.does === 'not') enter(inside, instruction.next);
    }
    const reads: number[] = [];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const instruction = program[at];
      if (instruction?.does === 'read') reads.push(at);
      else if (instruction?.does === 'split') instruction.to.forEach(reach);
      else if (instruction?.does === 'not') enter({ at, state: instruction.inner.start() }, instruction.next);
    }
    return remember(reads, nots, seen.has(0));
  }

  function remember(reads: number[], nots: ReadonlyMap<string, Inside>, accepts: boolean): State {
    const name = `${accepts} ${reads.sort((a, b) => a - b).join()} ${[...nots.keys()].sort().join()}`;
    let state = known.get(name);
    if (state === undefined) {
      const dead = reads.length === 0 && nots.size === 0 && !accepts;
      state = { id: work.ids++, reads, nots: [...nots.values()], accepts, dead, ascii: [], others: new Map() };
      known.set(name, state);
    }
    return state;
  }

  return {
    start() {
      start ??= stateOf([first], []);
      return start;
    },
    after(state, codePoint) {
      const before = codePoint < 128 ? state.ascii[codePoint] : state.others.get(codePoint);
      if (before !== undefined) return before;
      if (++remembered > MOST_REMEMBERED) {
        // States that are in use stay valid: a state that is made again only has another id.
        known = new Map();
        start = undefined;
        remembered = 0;
      }
      const from: number[] = [];
      for (const at of state.reads) {
        work.steps += 1;
        const instruction = program[at];
        if (instruction?.does === 'read' && instruction.fits(codePoint)) from.push(instruction.next);
      }
      const insides: Inside[] = [];
      for (const { at, state: inside } of state.nots) {
        work.steps += 1;
        const instruction = program[at];
        if (instruction?.does === 'not' && (instruction.deep || codePoint !== SLASH))
          insides.push({ at, state: instruction.inner.after(inside, codePoint) });
      }
      const next = stateOf(from, insides);
      if (codePoint < 128) state.ascii[codePoint] = next;
      else state.others.set(codePoint, next);
      return next;
    },
  };
}

function isNoSlash(codePoint: number): boolean {
  return codePoint !== SLASH;
}
