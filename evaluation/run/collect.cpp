#include "evaluation/run/collect.hpp"

#include "evaluation/run/take.hpp"

#include <algorithm>
#include <map>

namespace evaluation {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;
namespace {

std::unique_ptr<Taker> make_taker(const TakeContext& context)
{
    switch (context.answers.plan.task) {
        case Task::classification:
            return make_class_taker(context);
        case Task::regression:
            return make_number_taker(context);
        case Task::clustering:
            return make_cluster_taker(context);
        case Task::detection:
            return make_box_taker(context);
    }
    return {};
}

/// The group of each sample; none where all are nameless.
Result<void> read_slices(const samples::Source& source, std::size_t limit, Answers& to)
{
    std::map<std::string_view, std::uint32_t> numbers;
    to.slices.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        const auto name = source.slice(i);
        const auto [at, is_new] = numbers.emplace(name, static_cast<std::uint32_t>(numbers.size()));
        if (is_new) {
            if (numbers.size() > limit)
                return Error{ErrorKind::full,
                             "more than " + std::to_string(limit) + " groups of samples"};
            to.slice_names.emplace_back(name);
        }
        to.slices.push_back(at->second);
    }
    if (to.slice_names.size() == 1 && to.slice_names.front().empty()) {
        to.slices.clear();
        to.slice_names.clear();
    }
    return {};
}

/// Boxes of one image have no row for each sample where they come without a first size for it.
bool gives_rows(const Plan& plan, const inference::ModelIo& io)
{
    return plan.task != Task::detection || io.output("boxes")->shape.size() != 2;
}

}  // namespace

Error of_sample(std::size_t index, const Error& error)
{
    return {error.kind, "sample " + std::to_string(index) + ": " + error.detail};
}

Result<Answers> collect(const samples::Source& source, const inference::ModelIo& io,
                        const Infer& infer, const CollectOptions& options)
{
    const auto& limits = options.limits;
    if (source.size() == 0) return invalid("there are no samples");
    if (source.size() > limits.samples)
        return Error{ErrorKind::full, "more than " + std::to_string(limits.samples) + " samples"};
    auto plan = make_plan(source.target(), io, options.plan);
    if (!plan) return plan.error();
    const auto has_rows = gives_rows(*plan, io);
    const auto batching =
        batching_of(source.inputs(), io, has_rows ? options.batch : 1, limits.batch_bytes);
    if (!batching) return batching.error();
    if (!has_rows && batching->rows != 1)
        return invalid("the boxes of several samples of a run cannot be told apart");

    Answers answers;
    answers.plan = std::move(*plan);
    answers.samples = source.size();
    if (const auto read = read_slices(source, limits.slices, answers); !read) return read.error();
    auto asked = answers.plan.outputs;
    if (!answers.plan.points.empty()) asked.push_back(answers.plan.points);

    const auto taker =
        make_taker({answers, source.target(), limits, options.seed, options.plan.scores});
    DatasetRoot root{source};
    Batch batch{source, io, *batching};
    for (std::size_t first = 0; first < source.size(); first += batch.rows()) {
        if (const auto read = batch.read(first, root); !read) return read.error();
        const auto outputs = infer(batch.inputs(), asked);
        if (!outputs) return of_sample(first, outputs.error());
        if (outputs->size() != asked.size()) return invalid("the model gives other outputs");
        std::vector<OutputRows> rows;
        for (const auto& output : *outputs) {
            auto each = OutputRows::of(output, batching->rows, batching->is_batched && has_rows);
            if (!each) return of_sample(first, each.error());
            rows.push_back(std::move(*each));
        }
        if (const auto taken = taker->take(batch, rows); !taken) return taken.error();
        if (options.progress) options.progress(first + batch.rows());
    }
    taker->finish();
    answers.dataset_root = root.root();
    return answers;
}

}  // namespace evaluation
