export declare function defaultList(): Promise<readonly string[]>;
export declare function makeFilter(digests: readonly Buffer[], oneIn?: number): Buffer;
export declare function digestsOf(lines: readonly string[]): Buffer[];
