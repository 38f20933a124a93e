#pragma once

#include <cstddef>

namespace bench {

/// MiB a second, by the wall's clock.
struct FetchSpeeds {
    double fetch;  ///< a batch from three nodes into a fourth one's store, over HTTP on loopback
    double copy;   ///< as many bytes over one bare TCP connection on loopback, into memory
};

/// Both, one after the other; throws. Stores are in a file system in memory, where there is one:
/// what a disk takes to sync is not what is measured.
FetchSpeeds fetch_from_three(std::size_t mib);

}  // namespace bench
