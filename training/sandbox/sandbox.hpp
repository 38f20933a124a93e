#pragma once

#include "ledger/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace training {

/// What a process that computes strangers' models may still do.
struct SandboxOptions {
    std::vector<std::filesystem::path> readable;  ///< files, or folders with all below
    std::vector<std::filesystem::path> writable;  ///< folders, with all below
    std::uint64_t address_space_bytes = 0;        ///< RLIMIT_AS; 0: as it is
    std::uint64_t file_bytes = 0;                 ///< RLIMIT_FSIZE, of each file; 0: as it is
    std::uint64_t cpu_seconds = 0;                ///< RLIMIT_CPU, of all threads; 0: as it is
};

/// What holds since `enter_sandbox`.
struct Sandbox {
    bool calls = false;  ///< no networks, no programs, no other processes (seccomp)
    bool files = false;  ///< no files but those named (Landlock, Linux 5.13)
};

/// Takes away from this process, its later threads and all that it might start, for good:
/// networks, other programs, other processes, and files outside of the options (libraries that are
/// loaded stay). What is refused fails with EPERM or EACCES and is not the end. No core is dumped:
/// what is in memory stays there.
/// `denied` where there is another thread, the kernel has no seccomp, or a limit cannot be set;
/// nothing is half entered but limits. Without Landlock `files` is false.
ledger::Result<Sandbox> enter_sandbox(const SandboxOptions& options);

}  // namespace training
