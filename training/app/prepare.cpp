#include "training/app/prepare.hpp"

#include "inference/model/content_id.hpp"
#include "ledger/base/hex.hpp"
#include "samples/arguments/job_file.hpp"
#include "samples/split.hpp"
#include "samples/subset.hpp"
#include "training/executor/tensor_memory.hpp"
#include "training/files/whole_file.hpp"
#include "training/graph/read_plan.hpp"

#include <ATen/Parallel.h>

#include <cmath>

namespace training {
namespace {

using ledger::Result;

ledger::Error about(const std::string& path, const ledger::Error& error)
{
    return {error.kind, path + ": " + error.detail};
}

Result<Plan> plan_from(const std::string& path)
{
    const auto file = read_whole_file(path, inference::ModelLimits{}.file_bytes);
    if (!file) return file.error();
    auto plan = read_plan(*file);
    if (!plan) return about(path, plan.error());
    return plan;
}

Result<Recipe> recipe_from(const JobOptions& options)
{
    Recipe recipe;
    if (!options.recipe_text.empty()) {
        auto read = read_recipe(ledger::as_bytes(options.recipe_text));
        if (!read) return about(options.file, read.error());
        recipe = std::move(*read);
    } else if (!options.recipe.empty()) {
        const auto file = read_whole_file(options.recipe, most_recipe_bytes);
        if (!file) return file.error();
        auto read = read_recipe(*file);
        if (!read) return about(options.recipe, read.error());
        recipe = std::move(*read);
    }
    if (options.epochs) recipe.epochs = *options.epochs;
    if (options.epochs && !options.steps) recipe.steps = 0;
    if (options.steps) recipe.steps = *options.steps;
    if (options.batch) recipe.batch = *options.batch;
    if (options.seed) recipe.seed = *options.seed;
    if (options.rate) recipe.optimiser.rate = *options.rate;
    if (options.head_only) recipe.tensors.head_only = true;
    // What was said here has the same bounds.
    return read_recipe(ledger::as_bytes(recipe_text(recipe)));
}

inference::ModelIo io_of(const Plan& plan)
{
    inference::ModelIo io;
    for (const auto& port : plan.inputs) {
        io.inputs.push_back(port.spec);
        // How many are taken at once is the session's to know; a source makes one sample.
        auto& shape = io.inputs.back().shape;
        if (shape.size() > 1 && shape.front() > 1) shape.front() = -1;
    }
    for (const auto& port : plan.outputs) io.outputs.push_back(port.spec);
    return io;
}

/// Leaves out the part for tests, and holds out some of the rest where nothing else is measured on.
Result<void> split_off(Prepared& prepared, const std::shared_ptr<const samples::Source>& all,
                       const JobOptions& job)
{
    const auto share = job.validation.empty() ? prepared.recipe.validation.share : 0;
    samples::SplitOptions options;
    options.seed = job.test.empty() ? prepared.recipe.seed : job.split_seed;
    options.validation = {samples::Portion::Unit::millionths,
                          static_cast<std::uint64_t>(std::llround(share * 1e6))};
    if (!job.test.empty()) {
        const auto test = samples::portion_of(job.test);
        if (!test) return test.error();
        options.test = *test;
    }
    const auto parts = samples::split(all->size(), options, samples::labels_of(*all));
    if (!parts) return parts.error();
    prepared.samples = std::make_shared<samples::Subset>(all, parts->train);
    if (!parts->validation.empty())
        prepared.validation = std::make_shared<samples::Subset>(all, parts->validation);
    return {};
}

Result<void> open_sources(Prepared& prepared, const JobOptions& options, const Plan& plan)
{
    auto opened = samples::open_samples(options.data, io_of(plan));
    if (!opened) return opened.error();
    const std::shared_ptr<const samples::Source> all = std::move(*opened);
    if (auto done = split_off(prepared, all, options); !done) return done;
    if (options.validation.empty()) return {};
    auto held_out = options.data;
    held_out.path = options.validation;
    held_out.items.reset();
    held_out.labels.clear();
    // The same classes by the same numbers, also where some are not among these.
    if (all->target().kind == samples::Target::Kind::classes)
        held_out.table.classes = all->target().classes;
    auto validation = samples::open_samples(held_out, io_of(plan));
    if (!validation) return about(options.validation, validation.error());
    prepared.validation = std::move(*validation);
    if (prepared.validation->target().classes != all->target().classes)
        return ledger::invalid(options.validation + ": its classes are others");
    return {};
}

}  // namespace

Result<JobOptions> with_job_file(JobOptions options)
{
    if (options.file.empty()) return options;
    const auto file = read_whole_file(options.file, samples::JobLimits::bytes);
    if (!file) return file.error();
    const auto job = samples::read_job(ledger::as_text(*file));
    if (!job) return about(options.file, job.error());
    auto data = samples::open_options(job->samples);
    data.path = options.data.path;
    data.labels_inside = true;
    options.data = std::move(data);
    options.recipe_text = job->recipe.dump();
    options.threads = job->threads;
    if (!options.workers) options.workers = job->workers;
    options.test = job->test;
    options.split_seed = job->split_seed;
    options.head_only = job->head_only;
    return options;
}

Result<Prepared> prepare(const JobOptions& options)
{
    at::set_num_threads(static_cast<int>(options.threads));
    limit_tensor_memory(options.memory_mib << 20);
    auto plan = plan_from(options.model);
    if (!plan) return plan.error();
    Prepared prepared;
    auto recipe = recipe_from(options);
    if (!recipe) return recipe.error();
    prepared.recipe = std::move(*recipe);
    std::optional<Plan> teacher;
    if (!options.teacher.empty()) {
        auto read = plan_from(options.teacher);
        if (!read) return read.error();
        teacher = std::move(*read);
    }
    if (auto done = open_sources(prepared, options, *plan); !done) return done.error();
    auto session = Session::make(std::move(*plan), prepared.recipe,
                                 {prepared.samples.get(), prepared.validation.get()},
                                 std::move(teacher), options.threads);
    if (!session) return session.error();
    prepared.session = std::make_unique<Session>(std::move(*session));
    return prepared;
}

Result<std::string> write_model(Session& session, const std::string& path)
{
    const auto file = session.model();
    if (!file) return file.error();
    if (auto done = write_whole_file(path, *file); !done) return done.error();
    const auto canonical = inference::canonicalise(*file);
    if (!canonical) return canonical.error();
    return ledger::to_hex0x(canonical->content_id.view());
}

}  // namespace training
