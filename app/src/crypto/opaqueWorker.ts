/** @file The worker in which a password is stretched: it takes a third of a second that the page does not stand still. */
import * as opaque from "./opaque";
import { serve, type Port } from "./remote";

serve(self as unknown as Port, opaque);
