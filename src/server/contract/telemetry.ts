import * as v from "valibot";

/** An ExportTraceServiceRequest of OpenTelemetry's protocol, as JSON. */
export const traces = v.looseObject({});
/** An ExportTraceServiceResponse: all that could be read was taken. */
export const tracesTaken = v.strictObject({});
