#pragma once

namespace training {

/// Threads of OpenMP that wait for work spin, which costs other programs the processor and, where
/// there are several, most of the speed. How they wait is read from the environment before `main`:
/// where nobody has said it, this starts the program anew with it said. `argv` as `main` got it.
void make_threads_passive(char** argv);

}  // namespace training
