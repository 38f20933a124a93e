#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How a model is trained: all that decides which numbers come out, beside the model, the samples
/// and the machine. A recipe is data that strangers send; nothing in it is executed.
namespace training {

struct LossOptions {
    enum class Kind {
        automatic,             ///< cross_entropy for classes, mean_squared for numbers and none
        cross_entropy,         ///< of classes
        binary_cross_entropy,  ///< of numbers 0 to 1, each by itself; of two classes, one number
        mean_squared,
        huber,    ///< squared up to `delta`, then linear
        triplet,  ///< of embeddings: the farthest of its class nearer than the nearest of others
    };
    Kind kind = Kind::automatic;
    std::string output;  ///< of the model; empty: its first
    double label_smoothing = 0;
    double delta = 1;
    double margin = 0.3;
    /// For each class, how much its samples count; empty: all alike.
    std::vector<double> class_weights;
    bool balanced = false;  ///< weights that make all classes count alike
    /// How much of the loss is what a teacher says instead of the labels, and how soft (Hinton,
    /// Vinyals, Dean 2015).
    double distillation = 0;
    double temperature = 2;
};

struct OptimiserOptions {
    enum class Kind { sgd, adam, adamw };
    Kind kind = Kind::adam;
    double rate = 1e-3;
    double momentum = 0.9;  ///< of sgd
    bool nesterov = false;  ///< of sgd
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
};

/// What the rate is multiplied with, by step.
struct ScheduleOptions {
    enum class Kind {
        constant,
        cosine,  ///< down to `floor` along half a cosine
        linear,  ///< down to `floor`
        steps,   ///< times `factor` after each `every` epochs
    };
    Kind kind = Kind::constant;
    std::uint64_t warmup = 0;  ///< steps that lead up to the whole rate
    double floor = 0;
    double factor = 0.1;
    std::uint64_t every = 10;
};

struct ClipOptions {
    double norm = 0;   ///< of all gradients together; 0: any
    double value = 0;  ///< of each number; 0: any
};

/// Which tensors move, and how far from where they were.
struct TensorOptions {
    enum class Grid { none, bfloat16, float16 };
    /// Names as the shell matches them: `*`, `?`, `[...]`.
    std::vector<std::string> train{"*"};
    std::vector<std::string> freeze;
    bool head_only = false;           ///< the last layer with weights, and what comes after it
    bool batch_normalisation = true;  ///< running means and variances learn, too
    double towards_start = 0;         ///< L2-SP: half this times the squared way (Li et al. 2018)
    Grid snap = Grid::none;           ///< numbers that the trained tensors are rounded to
};

struct ValidationOptions {
    enum class Measure { loss, accuracy };
    double share = 0.1;          ///< of the samples, where no others are given; 0: none
    std::uint64_t every = 1;     ///< epochs
    std::uint64_t patience = 0;  ///< measures without a gain before training ends; 0: never
    double least_gain = 0;
    Measure by = Measure::loss;
};

/// Weights learn on the grid that they will be served with: rounded on the way forward, moved as
/// floats (Jacob et al. 2018). The model stays one of floats, with weights that are on the grid.
struct QuantiseOptions {
    std::uint64_t bits = 0;   ///< 2 to 8, of weights and of what goes into products; 0: not at all
    bool per_channel = true;  ///< a grid for each output channel of a weight, or one for all
    double start = 0.5;       ///< share of the steps that are taken before
};

/// Changes that leave a sample what it is. Shares and angles are the most; each sample draws.
struct AugmentOptions {
    double shift = 0;     ///< of each side of a picture, of the length of a signal
    double rotate = 0;    ///< degrees, pictures
    double zoom = 0;      ///< share, pictures
    bool mirror = false;  ///< left and right, pictures
    double gain = 0;      ///< numbers times 1 - gain to 1 + gain
    double offset = 0;    ///< added to all numbers alike
    double noise = 0;     ///< standard deviation, each number by itself
    double erase = 0;     ///< share of a picture or a signal that is blanked
};

enum class Precision { float32, bfloat16 };

struct Recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 10;
    std::uint64_t steps = 0;  ///< 0: by epochs; otherwise training ends after so many
    std::uint64_t batch = 64;
    Precision precision = Precision::float32;
    LossOptions loss;
    OptimiserOptions optimiser;
    ScheduleOptions schedule;
    ClipOptions clip;
    TensorOptions tensors;
    QuantiseOptions quantise;
    ValidationOptions validation;
    AugmentOptions augment;
};

inline constexpr std::size_t most_recipe_bytes = 64 * 1024;

/// Reads JSON. What is left out keeps its default; a field that is not known, a wrong type or a
/// number out of range is an error that names it.
ledger::Result<Recipe> read_recipe(ledger::ByteView json);
/// Every field in name order without blanks: the same recipe is always the same text.
std::string recipe_text(const Recipe& recipe);
/// SHA-256 of that text.
ledger::Hash recipe_hash(const Recipe& recipe);

}  // namespace training
