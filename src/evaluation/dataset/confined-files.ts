import { globSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { invalidInput, notFound } from "../../domain/errors.ts";
import { cut } from "../../domain/text/visible.ts";
import { type Boundary, boundaryAround, boundaryProblem, locateInside } from "../../files/boundary.ts";
import { readRegularFile } from "../../files/text-file.ts";
import { fileSource, type FileSource } from "./file-source.ts";

/** The largest file that another one may name, in bytes. */
const MAX_FILE_BYTES = 50 * 1024 * 1024;
/** The most files that one pattern may name. */
const MAX_FILES = 10_000;
/** Characters of a path that a message repeats. */
const MAX_SHOWN_PATH = 200;

/**
 * Reads the files that a file names: paths are from its folder, and stay within its Git repository, or within its
 * folder where there is none. A path that leaves it, also through a symbolic link, and what is no ordinary file of
 * UTF-8 text is refused, so that what a stranger's pull request brings can be run.
 *
 * @param boundary what paths stay within, where that has been settled by the file that names this one
 */
export function confinedFiles(folder: string, boundary: Boundary = boundaryAround(folder)): FileSource {
  const from = realpathSync(folder);

  function locate(path: string, where: string): string {
    const found = locateInside(boundary, from, path);
    if ("real" in found) return found.real;
    const name = cut(path, MAX_SHOWN_PATH);
    if (found.problem === "missing")
      throw notFound(`${where}: there is no file ${name} (looked in ${folder})`, { where, path: name });
    throw invalidInput(`${where}: ${boundaryProblem(boundary, found.problem, name)}`, { where, path: name });
  }

  return fileSource({
    read(path, where) {
      const read = readRegularFile(locate(path, where), MAX_FILE_BYTES);
      if ("text" in read) return read.text;
      throw invalidInput(`${where}: ${cut(path, MAX_SHOWN_PATH)} ${read.problem}; name a text file`, {
        where,
        path,
      });
    },
    list(pattern, where) {
      if (!/[*?[{]/.test(pattern)) return [relative(from, locate(pattern, where))];
      const name = cut(pattern, MAX_SHOWN_PATH);
      if (isAbsolute(pattern) || pattern.split(/[\\/]/).includes(".."))
        throw invalidInput(
          `${where}: ${name} lies outside the folder of the file that names it; a pattern names files below that folder`,
          { where, path: name },
        );
      const found = globSync(pattern, { cwd: from }).toSorted();
      if (found.length === 0) throw notFound(`${where}: no file matches ${name}`, { where, pattern: name });
      if (found.length > MAX_FILES)
        throw invalidInput(`${where}: ${name} matches more than ${MAX_FILES} files`, {
          where,
          pattern: name,
        });
      return found.map((path) => relative(from, locate(join(from, path), where)));
    },
  });
}
