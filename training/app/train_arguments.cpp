#include "training/app/train_arguments.hpp"

#include "training/workers/messages.hpp"

#include <algorithm>
#include <set>
#include <thread>

namespace training {
namespace {

constexpr auto recipe_group = "Recipe";
constexpr auto samples_group = "Samples";

template <class Number>
void add_number(CLI::App& command, const char* name, std::optional<Number>& to, const char* help)
{
    command.add_option(name, to, help)->group(recipe_group);
}

/// Whatever a job file may say is not said beside one: all of these groups but where things are.
void add_job_file(CLI::App& command, JobOptions& job)
{
    const std::set<std::string, std::less<>> beside{"data", "validation", "teacher"};
    std::vector<CLI::Option*> inside{command.get_option("--threads")};
    for (auto* option : command.get_options()) {
        const auto& named = option->get_group();
        if ((named == recipe_group || named == samples_group) &&
            !beside.contains(option->get_lnames().front()))
            inside.push_back(option);
    }
    auto* file = command.add_option(
        "--job", job.file,
        "JSON file: recipe, threads, how samples are read and what is left out, instead of all "
        "that says it here");
    for (auto* option : inside) file->excludes(option);
}

void add_job(CLI::App& command, JobOptions& job, samples::SampleArguments& samples)
{
    command.add_option("model", job.model, "ONNX file")->required();
    samples::add_sample_arguments(command, samples);
    command
        .add_option("--validation", job.validation,
                    "Other samples to measure on; without them a share of --data is held out")
        ->group(samples_group);
    command
        .add_option("--test", job.test,
                    "Part of --data that is left out, to be measured on later: 20% or 1000, as "
                    "`millrace eval` takes it")
        ->group(samples_group);
    command.add_option("--split-seed", job.split_seed, "Of that part")
        ->capture_default_str()
        ->group(samples_group);
    command.add_option("--recipe", job.recipe, "JSON file: loss, optimiser, schedule and so on")
        ->group(recipe_group);
    add_number(command, "--epochs", job.epochs, "Instead of what the recipe says");
    add_number(command, "--steps", job.steps, "Steps in all, whatever the epochs");
    add_number(command, "--batch", job.batch, "Samples in a step");
    add_number(command, "--rate", job.rate, "Learning rate");
    add_number(command, "--seed", job.seed, "Of all that is drawn");
    command.add_flag("--head-only", job.head_only, "Train only the last layer")
        ->group(recipe_group);
    command.add_option("--teacher", job.teacher, "ONNX file to be distilled from")
        ->group(recipe_group);
    job.threads = processors();
    command
        .add_option("--threads", job.threads,
                    "Threads of libtorch; with another number other bits come out")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str();
    command
        .add_option("--memory", job.memory_mib,
                    "MiB that all tensors together may hold, shared out among workers that are "
                    "started here; what asks for more fails")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 30))
        ->capture_default_str();
    command.add_flag("--sandbox", job.sandbox,
                     "Give up networks, other programs and all files but those named here, before "
                     "anything is read");
    add_job_file(command, job);
}

void add_workers(CLI::App& command, TrainOptions& options)
{
    constexpr auto group = "Workers";
    auto& workers = options.workers;
    // Words that are said again stand in the place of the first: workers are started so.
    command
        .add_option("--workers", options.job.workers,
                    "Processes that share each batch, with as many threads each; with another "
                    "number other bits come out")
        ->check(CLI::Range(1U, most_workers))
        ->take_last()
        ->group(group);
    auto* rank = command
                     .add_option("--rank", workers.rank,
                                 "Which of the workers this one is, from 0, where they are started "
                                 "one by one, on one machine or several")
                     ->take_last()
                     ->group(group);
    auto* rendezvous =
        command
            .add_option("--rendezvous", workers.rendezvous,
                        "ADDRESS:PORT or a socket's path where rank 0 waits for the others")
            ->group(group);
    command
        .add_flag("--open-network", workers.open_network,
                  "Let that be an address of more than this machine: nothing is encrypted, and "
                  "nobody is asked who he is")
        ->needs(rendezvous)
        ->group(group);
    rendezvous->needs(rank);
    command
        .add_option("--silence", workers.silence_seconds,
                    "Seconds of a step, or of measuring, after which a worker is lost")
        ->check(CLI::Range(1U, 86'400U))
        ->capture_default_str()
        ->group(group);
    command.add_option("--join", workers.join_seconds, "Seconds until all workers must be ready")
        ->check(CLI::Range(1U, 86'400U))
        ->capture_default_str()
        ->group(group);
    command.add_option("--link", workers.link)->check(CLI::Range(3, 1 << 20))->group("");
}

}  // namespace

std::uint32_t processors()
{
    return std::max(1U, std::thread::hardware_concurrency());
}

CLI::App* add_train_command(CLI::App& app, TrainArguments& arguments)
{
    auto& options = arguments.train;
    auto* command = app.add_subcommand("train", "Train a model with samples");
    add_job(*command, options.job, arguments.samples);
    arguments.threads = command->get_option("--threads");
    add_workers(*command, options);
    command->add_option("--out", options.out, "Where the trained model goes")->required();
    command->add_option("--checkpoint", options.checkpoint,
                        "File to go on from: written after each epoch and when interrupted");
    command->add_option("--every", options.every, "Steps between checkpoints, instead of epochs");
    command->add_flag("--resume", options.resume, "Go on from the checkpoint, where there is one");
    command->add_flag("--force", options.force,
                      "Replace the model and the checkpoint that are there");
    command->add_option("--stop-after", options.stop_after, "End after so many steps in all");
    command->add_option("--seconds", options.seconds, "End after so long");
    auto* segment = command->add_option(
        "--segment", options.segment,
        "Steps of a segment: after each one a checkpoint is kept and committed to");
    auto* segments =
        command->add_option("--segments", options.segments, "Folder of these checkpoints");
    segment->needs(segments)->check(CLI::PositiveNumber);
    segments->needs(segment);
    command->add_option("--log", options.log, "File that a JSON object is added to for each epoch");
    command->add_flag("--json", options.json, "One JSON document on standard output");
    command->add_flag("--quiet", options.quiet, "Say nothing but what is wrong");
    command->footer(
        "The same model, samples, recipe, threads and workers give the same bits on one machine, "
        "also when a training\nwas interrupted (Ctrl-C, status 130) and resumed. docs/training.md "
        "shows the recipe's fields.");
    return command;
}

CLI::App* add_replay_command(CLI::App& app, TrainArguments& arguments)
{
    auto& options = arguments.replay;
    auto* command = app.add_subcommand(
        "replay", "Take some steps of a training again, and compare what they commit to");
    add_job(*command, options.job, arguments.samples);
    command->add_option("--from", options.from, "Checkpoint to begin with; without, the start");
    command->add_option("--take", options.steps, "Steps to take; 0: only what is there already")
        ->required();
    command->add_option("--workers", options.workers,
                        "How many took these steps: 3, or 3,2@40 where two went on after the 40th; "
                        "without, as the checkpoint or the job says, and with --expect also fewer");
    command->add_option("--expect", options.expect, "Commitment; another one ends with status 2");
    command->add_option("--checkpoint", options.out, "File for the checkpoint that is reached");
    command->add_option("--model-out", options.model_out,
                        "File for the model of that state, as `train --out` would write it");
    command->add_flag("--json", options.json, "One JSON document on standard output");
    return command;
}

TrainOptions train_options(const TrainArguments& arguments, std::vector<std::string> words)
{
    auto options = arguments.train;
    options.job.data = samples::open_options(arguments.samples);
    options.workers.words = std::move(words);
    // Several workers share the processors, but nobody knows those of other machines.
    const bool are_here = options.workers.rendezvous.empty();
    if (are_here && options.job.workers && arguments.threads->count() == 0)
        options.job.threads = std::max(1U, processors() / *options.job.workers);
    return options;
}

ReplayOptions replay_options(const TrainArguments& arguments)
{
    auto options = arguments.replay;
    options.job.data = samples::open_options(arguments.samples);
    return options;
}

}  // namespace training
