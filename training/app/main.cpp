#include "training/app/commands.hpp"
#include "training/app/passive_threads.hpp"
#include "training/app/train_arguments.hpp"
#include "training/executor/tensor_memory.hpp"

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

/// Computes ONNX models with gradients. A program of its own: libtorch costs most of a second and
/// 160 MB to load, which neither the node nor the wallet should pay.
int main(int argc, char** argv)
{
    // Whoever started this may have left it ignored, and nobody would hear of workers that ended.
    std::signal(SIGCHLD, SIG_DFL);
    CLI::App app{"millrace-trainer: computes and trains ONNX models on libtorch"};
    app.set_version_flag("--version", std::string{MILLRACE_VERSION});
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 all is well, 1 wrong usage, 2 a model or a case is not what was hoped "
        "for, or a worker has no\npart in a training, 4 the system refused a file, a socket or a "
        "process, 5 workers or whoever adds up for them\nwere lost, or did not come, 130 "
        "interrupted.");

    training::CommandOptions options;
    const auto common = [&](CLI::App* command) {
        command->add_flag("--json", options.json, "One JSON document on standard output");
        command
            ->add_option("--memory", options.memory_mib,
                         "MiB that all tensors together may hold; a model that asks for more fails")
            ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 30))
            ->capture_default_str();
    };

    auto* check = app.add_subcommand("check", "List what of a model cannot be computed, and why");
    check->add_option("model", options.path, "ONNX file")->required();
    common(check);

    auto* conform =
        app.add_subcommand("conform", "Run folders in the layout of ONNX backend tests");
    conform->footer(
        "A case is a folder with model.onnx and test_data_set_*/input_*.pb and output_*.pb; DIR is "
        "one, or\nholds some at any depth. Prints what failed and what is not supported, and the "
        "counts.");
    conform->add_option("dir", options.path, "Folder")->required();
    conform->add_option("--rtol", options.relative, "Largest relative difference")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    conform->add_option("--atol", options.absolute, "Largest absolute difference, added to it")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    conform->add_flag("--strict", options.strict, "What is not supported fails, too");
    conform->add_flag("--verbose", options.verbose, "Print the cases that passed as well");
    common(conform);

    training::DeviceOptions measuring;
    measuring.threads = training::processors();
    auto* device = app.add_subcommand("device", "Measure what this machine offers");
    device->footer(
        "The fields of an offer of computing time: how fast it multiplies and copies, and the "
        "class of machines\nthat compute the same bits. Nothing else should be running.");
    device->add_option("--threads", measuring.threads, "Threads that multiply and copy at once")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str();
    device->add_option("--seconds", measuring.seconds, "How long to measure, about")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{600}))
        ->capture_default_str();
    device->add_flag("--json", measuring.json, "One JSON document on standard output");

    training::TrainArguments arguments;
    auto* train = training::add_train_command(app, arguments);
    auto* replay = training::add_replay_command(app, arguments);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? training::all_good : training::wrong_usage;
    }
    if (*train || *replay) {
        training::make_threads_passive(argv);
        return *train ? training::train_command(
                            training::train_options(arguments, {argv, argv + argc}), std::cout,
                            std::cerr)
                      : training::replay_command(training::replay_options(arguments), std::cout,
                                                 std::cerr);
    }
    if (*device) {
        training::make_threads_passive(argv);
        return training::device_command(measuring, std::cout, std::cerr);
    }
    // One thread: the cases are small, and threads of OpenMP that wait would spin.
    at::set_num_threads(1);
    training::limit_tensor_memory(options.memory_mib << 20);
    return *check ? training::check_command(options, std::cout, std::cerr)
                  : training::conform_command(options, std::cout, std::cerr);
}
