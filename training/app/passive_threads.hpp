#pragma once

namespace training {

/// Threads of OpenMP that wait for work spin, which costs other programs the processor and, where
/// there are several, most of the speed; those of OpenBLAS are not wanted at all. Both are read
/// from the environment before `main`: where it says something else, this starts the program anew.
/// `argv` as `main` got it.
void make_threads_passive(char** argv);

}  // namespace training
