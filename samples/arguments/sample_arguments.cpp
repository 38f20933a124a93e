#include "samples/arguments/sample_arguments.hpp"

#include "samples/item_stream.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

namespace samples {
namespace {

constexpr auto group = "Samples";

TargetKind target_named(std::string_view name)
{
    if (name == "none") return TargetKind::none;
    if (name == "classes") return TargetKind::classes;
    return name == "numbers" ? TargetKind::numbers : TargetKind::tell;
}

}  // namespace

void add_sample_arguments(CLI::App& command, SampleArguments& arguments)
{
    const auto add = [&](const char* name, auto& to, const char* help) {
        return command.add_option(name, to, help)->group(group);
    };
    add("--data", arguments.path,
        "File or folder of samples: IDX, npy, CSV, PNG and JPEG, or WAV; for pictures and "
        "recordings a folder for each class, or labels.csv; - is a stream of items on standard "
        "input")
        ->required();
    add("--kind", arguments.kind, "What the files are, where their names do not say it")
        ->check(CLI::IsMember({"pictures", "wav", "csv", "idx", "npy"}));
    add("--labels", arguments.labels, "File of labels, where its name does not say it");
    add("--input", arguments.input, "Input of the model that the samples are fed to");
    add("--target", arguments.targets, "Columns to be answered with (CSV; otherwise 'label')")
        ->delimiter(',');
    add("--targets-are", arguments.target_kind, "What targets are, where it is not told from them")
        ->check(CLI::IsMember({"none", "classes", "numbers"}));
    add("--features", arguments.features,
        "Columns that are fed, in this order (CSV; otherwise all)")
        ->delimiter(',');
    add("--ignore", arguments.ignored, "Columns that are not fed (CSV)")->delimiter(',');
    add("--classes", arguments.classes, "Names of the classes, by number")->delimiter(',');
    add("--slice-column", arguments.slice, "Column that says which group a sample is of (CSV)");
    add("--delimiter", arguments.delimiter, "Between columns (CSV)")
        ->check([](const std::string& text) {
            return text.size() == 1 ? std::string{} : std::string{"is not one character"};
        });
    add("--scale", arguments.scale, "Times every number (otherwise 1/255 for bytes fed as floats)")
        ->each([&arguments](const std::string&) { arguments.has_scale = true; });
    command.add_flag("--invert", arguments.invert, "1 minus every number: dark ink on white paper")
        ->group(group);
    add("--mean", arguments.mean,
        "Taken off: one number, one for each channel, or one for each feature")
        ->delimiter(',');
    add("--deviation", arguments.deviation, "Divided by, after the mean is taken off")
        ->delimiter(',')
        ->check(CLI::PositiveNumber);
    add("--sample-rate", arguments.rate, "Of recordings, samples a second; others are refused");
}

OpenOptions open_options(const SampleArguments& arguments)
{
    OpenOptions options;
    options.path = arguments.path;
    options.kind = file_kind_named(arguments.kind).value_or(FileKind::tell);
    options.labels = arguments.labels;
    options.input = arguments.input;
    options.rate = arguments.rate;
    auto& table = options.table;
    table.delimiter = arguments.delimiter.front();
    table.features = arguments.features;
    table.targets = arguments.targets;
    table.ignored = arguments.ignored;
    table.slice = arguments.slice;
    table.target = target_named(arguments.target_kind);
    table.classes = arguments.classes;
    if (arguments.has_scale) table.normalise.scale = arguments.scale;
    table.normalise.invert = arguments.invert;
    table.normalise.mean = arguments.mean;
    table.normalise.deviation = arguments.deviation;
    return options;
}

ledger::Result<std::unique_ptr<Source>> open_samples(const OpenOptions& options,
                                                     const inference::ModelIo& io)
{
    if (options.path != "-") return open(options, io);
    auto items = read_item_stream(STDIN_FILENO, options.limits);
    if (!items) return items.error();
    auto streamed = options;
    streamed.items = std::move(*items);
    return open(streamed, io);
}

}  // namespace samples
