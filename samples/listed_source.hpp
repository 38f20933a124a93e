#pragma once

#include "samples/listing.hpp"

namespace samples {

/// Files that are a sample each, decoded when they are read.
struct ListedFiles {
    std::shared_ptr<const Items> items;
    Listing listing;
    Limits limits;
};

/// Pictures, scaled to the input's sides; what the input leaves open is the first picture's. FP32,
/// FP64 or UINT8. `invalid` where the input is no picture.
ledger::Result<std::unique_ptr<Source>> open_pictures(ListedFiles files,
                                                      const inference::TensorSpec& input,
                                                      const Normalise& normalise);

/// Recordings from their beginning on, as many frames as the input has numbers; shorter ones are
/// followed by silence. FP32 and FP64 from -1 to 1, or INT16. `rate` is what all must have; 0: that
/// of the first.
ledger::Result<std::unique_ptr<Source>> open_recordings(ListedFiles files,
                                                        const inference::TensorSpec& input,
                                                        const Normalise& normalise,
                                                        std::uint32_t rate);

}  // namespace samples
