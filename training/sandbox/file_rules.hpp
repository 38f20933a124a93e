#pragma once

#include "training/sandbox/sandbox.hpp"

namespace training {

/// Lets this process reach files by the options alone, where the kernel can (landlock(7)); false
/// where it cannot. `invalid` names a path that cannot be opened.
ledger::Result<bool> restrict_files(const SandboxOptions& options);

}  // namespace training
