export interface LocalTemporal { readonly address: string; readonly uiUrl: string; readonly pid: number; stop(): Promise<void> }
export async function startTemporal(_: { dataDir: string; inMemory?: boolean }): Promise<LocalTemporal> { throw new Error("being written"); }
