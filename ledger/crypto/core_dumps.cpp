#include "ledger/crypto/core_dumps.hpp"

#include <sys/prctl.h>

namespace ledger {

void keep_out_of_core_dumps()
{
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace ledger
