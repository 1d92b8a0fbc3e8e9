/** @file The worker in which recordings and live frames are opened. */
import { LocalOpener } from "./opener";
import { serve, type Port } from "./remote";

serve(self as unknown as Port, new LocalOpener());
