#pragma once

#include "evaluation/statistics/bootstrap.hpp"

#include <array>
#include <map>

/// Average precision of found boxes by the rules of COCO (cocoapi, cocoeval.py, "bbox"): greedy
/// matching by score within an image and class, ten overlaps from 0.50 to 0.95, precision at 101
/// recalls. The area of a box is its width times its height; COCO's own files may name the area of
/// a mask instead.
namespace evaluation {

/// In pixels; the second corner is not smaller than the first.
struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
};
struct TrueBox {
    Box box;
    std::uint32_t label = 0;
    /// A region with many: what lies in it counts neither as found nor as wrong.
    bool is_crowd = false;
};
struct FoundBox {
    Box box;
    std::uint32_t label = 0;
    double score = 0;  ///< not a NaN
};

/// Intersection over union; over the found box's own area where the true one is a crowd.
double overlap(const Box& found, const TrueBox& box);

inline constexpr std::size_t overlap_steps = 10;
/// Of both true and found boxes: any; below 32 x 32; to 96 x 96; above. Bounds belong to both.
enum class AreaRange { all, small, medium, large };
inline constexpr std::size_t area_ranges = 4;

/// Which of all the numbers. None of `step` and `label`: the mean over all.
struct DetectionQuestion {
    AreaRange area = AreaRange::all;
    std::uint32_t most = 100;         ///< best found boxes of an image and class; at most 100
    std::optional<std::size_t> step;  ///< of overlap: 0 is 0.50, 5 is 0.75, 9 is 0.95
    std::optional<std::uint32_t> label;
};

/// What was matched in each image. Holds 32 bytes for each found box, of which it keeps 100 for
/// an image and class.
class DetectionMatches {
public:
    void add_image(std::span<const TrueBox> boxes, std::span<const FoundBox> found);
    /// After the last image, before any question.
    void sort();

    std::size_t images() const { return images_; }
    std::size_t found() const;
    /// Classes that have a true box, in ascending order.
    std::vector<std::uint32_t> labels() const;
    /// True boxes of a class that are no crowds.
    std::uint64_t boxes(std::uint32_t label) const;

    /// NaN where there is no true box. `drawn` says how often each image counts; empty: once.
    double average_precision(const DetectionQuestion& question,
                             std::span<const std::uint32_t> drawn = {}) const;
    /// The share of true boxes that is found at all, averaged the same way.
    double average_recall(const DetectionQuestion& question,
                          std::span<const std::uint32_t> drawn = {}) const;

private:
    struct Found {
        double score;
        std::uint32_t image;
        std::uint32_t rank;  ///< within its image and class
        /// Bit s: with overlap step s it is matched, and it does not count.
        std::array<std::uint16_t, area_ranges> matched{}, ignored{};
    };
    struct Truth {
        std::uint32_t image;
        std::array<std::uint32_t, area_ranges> count{};
    };
    struct OfClass {
        std::vector<Found> found;
        std::vector<Truth> truth;
    };
    struct Curve;

    void add(OfClass& to, std::span<const TrueBox* const> boxes,
             std::span<const FoundBox* const> found);
    static Curve curve(const OfClass& of, const DetectionQuestion& question, std::size_t step,
                       std::span<const std::uint32_t> drawn);
    template <class Of>
    double mean_over(const DetectionQuestion& question, std::span<const std::uint32_t> drawn,
                     Of of) const;

    std::map<std::uint32_t, OfClass> classes_;
    std::size_t images_ = 0;
};

}  // namespace evaluation
