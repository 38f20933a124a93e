#pragma once

namespace ledger {

/// Keeps the memory of this process, in which there are keys, out of core dumps and from other
/// programs of the same user (prctl(2), PR_SET_DUMPABLE). To be called before the first key is
/// read. What the process executes later begins without it.
void keep_out_of_core_dumps();

}  // namespace ledger
