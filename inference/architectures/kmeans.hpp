#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace inference {

struct KMeansModel {
    std::vector<std::int64_t> input;  ///< of one sample, without the batch
    /// For each cluster as many numbers as a sample has, one cluster after the other.
    std::vector<float> centroids;
    /// From how far off the nearest centroid a sample is unlike all that was seen; adds the output
    /// "anomaly".
    std::optional<float> threshold;
    std::string input_name = "input";
};

/// Clusters as an ONNX model (operator set 17, format version 8): "label" INT64 [n], the nearest
/// centroid, the first of several; "distance" FP32 [n] to it and "distances" FP32 [n,clusters],
/// Euclidean; "anomaly" BOOL [n].
///
/// Distances are one product of matrices, |x|^2 - 2 x.c + |c|^2, around the mean of all centroids,
/// so that data far from 0 do not cancel. `invalid` where the centroids do not fit the shape or are
/// not finite.
ledger::Result<ledger::Bytes> write_kmeans(const KMeansModel& model);

}  // namespace inference
