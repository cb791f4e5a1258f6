// Made from action/ by `npm run build-action`; a test compares the two.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
// action/job.ts
function readJob(env) {
	const input = (name) => env[`INPUT_${name.toUpperCase()}`]?.trim() ?? "";
	return {
		input,
		eventName: env["GITHUB_EVENT_NAME"] ?? "",
		event: readEvent(env["GITHUB_EVENT_PATH"]),
		folder: resolve(env["GITHUB_WORKSPACE"] ?? ".", input("working-directory") || "."),
		outputFile: env["GITHUB_OUTPUT"],
		env
	};
}
function readEvent(path) {
	if (path === void 0) return {};
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch {
		return {};
	}
}
// action/workflow-commands.ts
function annotation(level, message, place = {}) {
	const properties = Object.entries(place).filter(([, value]) => value !== void 0).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
	return `::${level}${properties.length > 0 ? ` ${properties.join(",")}` : ""}::${escapeData(message)}`;
}
async function withoutCommands(work) {
	const token = randomUUID();
	process.stdout.write(`::stop-commands::${token}\n`);
	try {
		return await work();
	} finally {
		process.stdout.write(`::${token}::\n`);
	}
}
function setOutput(file, name, value) {
	if (file === void 0) return;
	const end = `end-${randomUUID()}`;
	appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
}
function escapeData(text) {
	return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
function escapeProperty(text) {
	return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
// action/run-command.ts
function findCommand(folder) {
	for (let at = folder;; at = dirname(at)) {
		const path = join(at, "node_modules", "sluice", "bin", "sluice.mjs");
		if (existsSync(path)) return path;
		if (dirname(at) === at) return void 0;
	}
}
function runCommand(command, args, options) {
	return withoutCommands(() => new Promise((settle, reject) => {
		const child = spawn(process.execPath, [
			command,
			...args,
			"--json"
		], {
			...options,
			stdio: [
				"ignore",
				"pipe",
				"inherit"
			]
		});
		const parts = [];
		child.stdout.on("data", (part) => parts.push(part));
		child.once("error", reject);
		child.once("close", (code) => settle({
			code: code ?? 1,
			document: parsed(Buffer.concat(parts).toString("utf8"))
		}));
		for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => child.kill(signal));
	}));
}
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// action/run-action.ts
async function runAction(job) {
	const mode = modeOf(job);
	if ("problem" in mode) return fail(mode.problem);
	const command = findCommand(job.folder);
	if (command === void 0) return fail(`Sluice is not installed in ${job.input("working-directory") || "the repository"}: name it in package.json's devDependencies, and run npm ci before this step`);
	const run = (args) => runCommand(command, args, {
		cwd: job.folder,
		env: commandEnvironment(job)
	});
	return mode.mode === "review" ? ended(job, await run(reviewArguments(job)), reviewEnded) : ended(job, await run(applyArguments(job)), applyEnded);
}
function modeOf(job) {
	const { eventName } = job;
	if (eventName === "pull_request_target") return { problem: "on pull_request_target a stranger's files would meet this repository's secrets; use pull_request, where a fork's review goes to the job's summary" };
	const mode = job.input("mode") || "auto";
	if (mode === "review" || mode === "apply") return { mode };
	if (mode !== "auto") return { problem: `mode takes auto, review or apply, not "${mode}"` };
	return { mode: eventName === "pull_request" || eventName === "merge_group" ? "review" : "apply" };
}
function reviewArguments(job) {
	const { event, input } = job;
	const options = {
		"--max-cost": "max-cost",
		"--fail-on": "fail-on",
		"--results": "results",
		"--junit": "junit"
	};
	const base = event.merge_group?.base_sha;
	return [
		"sync",
		"review",
		"--publish",
		...base === void 0 ? [] : ["--base", base],
		...isQuick(job) ? ["--quick"] : [],
		...Object.entries(options).flatMap(([option, name]) => input(name) === "" ? [] : [option, input(name)])
	];
}
function applyArguments({ env }) {
	const branch = /^refs\/heads\/(.+)$/.exec(env["GITHUB_REF"] ?? "")?.[1];
	return [
		"sync",
		"apply",
		...branch === void 0 ? [] : ["--branch", branch]
	];
}
function isQuick({ event, input }) {
	const cases = input("cases") || "auto";
	if (cases !== "auto") return cases === "quick";
	const asksForAll = event.pull_request?.labels?.some(({ name }) => name === input("whole-label")) ?? false;
	return event.pull_request?.draft === true && !asksForAll;
}
function commandEnvironment({ env, input }) {
	const server = input("server") || env["SLUICE_URL"];
	const mayEnter = [
		env["SLUICE_KEY"],
		env["SLUICE_ID_TOKEN"],
		env["ACTIONS_ID_TOKEN_REQUEST_URL"]
	].some(Boolean);
	if (server && !mayEnter) print(annotation("notice", "this job has no token for the Sluice server (a fork's never has one; otherwise give it the permission id-token: write), so what merging would do is not said"));
	return {
		...env,
		GITHUB_TOKEN: input("github-token") || env["GITHUB_TOKEN"],
		SLUICE_URL: mayEnter ? server : void 0
	};
}
function ended(job, { code, document }, told) {
	if (typeof document !== "object" || document === null) return fail(`sluice ended with ${code}, and without an answer; its words are in the job's log`);
	if ("error" in document) return fail(String(document.error.message));
	told(job, document);
	return code === 0 ? 0 : 1;
}
const LEVELS = {
	notice: "notice",
	warning: "warning",
	failure: "error"
};
function reviewEnded(job, review) {
	const { published, annotations, verdict, prompts, costUsd } = review;
	if (!(published?.check && "url" in published.check)) for (const { level, path, line, title, message } of annotations) print(annotation(LEVELS[level], message, {
		file: path,
		line,
		title
	}));
	const comment = published?.comment && "url" in published.comment ? published.comment : void 0;
	const outputs = {
		verdict,
		changed: String(prompts.length),
		"cost-usd": costUsd === null ? "" : costUsd.toFixed(6),
		"comment-url": comment?.url ?? "",
		junit: job.input("junit")
	};
	for (const [name, value] of Object.entries(outputs)) setOutput(job.outputFile, name, value);
	print(`Prompts: ${verdict}; ${prompts.length} changed`);
}
function applyEnded(job, { started, waiting }) {
	for (const one of started) if ("problem" in one) print(annotation("error", `${one.environment}: ${one.version} was not started: ${one.problem.message}`));
	const count = started.filter((one) => "rolloutId" in one && !one.joined).length;
	setOutput(job.outputFile, "started", String(count));
	print(`Rollouts started: ${count}; waiting for an earlier environment: ${waiting.length}`);
}
function fail(message) {
	print(annotation("error", message));
	return 1;
}
function print(line) {
	process.stdout.write(`${line}\n`);
}
// action/main.ts
process.exitCode = await runAction(readJob(process.env));
export {};
