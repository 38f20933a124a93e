#pragma once

namespace edge::app {

/// From now on SIGTERM and SIGINT ask the program to stop instead of stopping it.
void catch_stop_signals();
bool is_stopping();
/// Waits until there is something to read from `descriptor` or from `other` (-1: from nothing), a
/// signal comes or the time is over; true when there is something to read from `descriptor`.
bool wait_for(int descriptor, int milliseconds, int other);

}  // namespace edge::app
