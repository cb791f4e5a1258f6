import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Where a stack was reached last, so that its addresses outlive a restart. */
export interface StackPorts {
  readonly postgres?: number;
  readonly modelServer?: number;
  readonly server?: number;
}

/** What the stack had last time; nothing is promised, another program may have them now. */
export function readPorts(file: string): StackPorts {
  try {
    const { postgres, modelServer, server } = JSON.parse(readFileSync(file, "utf8")) as Record<
      string,
      unknown
    >;
    return { ...port("postgres", postgres), ...port("modelServer", modelServer), ...port("server", server) };
  } catch {
    return {};
  }
}

export function writePorts(file: string, ports: StackPorts): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(ports)}\n`);
}

function port(name: keyof StackPorts, value: unknown): StackPorts {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
    ? { [name]: value as number }
    : {};
}
