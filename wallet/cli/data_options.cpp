#include "wallet/cli/data_options.hpp"

#include "samples/subset.hpp"

namespace wallet::cli {

void DataOptions::add_to(CLI::App& app)
{
    constexpr const char* group = "Data";
    app.add_option("--data", path_, "a file (CSV, IDX, npy) or a folder (pictures, recordings)")
        ->required()
        ->group(group);
    app.add_option("--kind", kind_, "pictures, wav, csv, idx or npy, where the names do not tell")
        ->check(CLI::IsMember({"pictures", "wav", "csv", "idx", "npy"}))
        ->group(group);
    app.add_option("--labels", options_.labels, "the file of labels, where it has another name")
        ->group(group);
    app.add_option("--input", options_.input, "of the model, where it has several")->group(group);
    app.add_option("--target", options_.table.targets, "columns of what is right (label)")
        ->delimiter(',')
        ->group(group);
    app.add_option("--targets-are", target_kind_, "classes, numbers or none; told from the data")
        ->check(CLI::IsMember({"classes", "numbers", "none"}))
        ->group(group);
    app.add_option("--classes", options_.table.classes, "names in the order of the model's outputs")
        ->delimiter(',')
        ->group(group);
    app.add_option("--features", options_.table.features, "columns in the model's order (the rest)")
        ->delimiter(',')
        ->group(group);
    app.add_option("--ignore", options_.table.ignored, "columns that are nothing of these")
        ->delimiter(',')
        ->group(group);
    app.add_option("--slice-column", options_.table.slice, "the column of groups (slice)")
        ->group(group);
    app.add_option("--delimiter", delimiter_, "of a CSV file (,)")->group(group);
    app.add_option("--scale", options_.table.normalise.scale, "numbers are multiplied by it first")
        ->group(group);
    app.add_flag("--invert", options_.table.normalise.invert, "pictures with dark ink on white")
        ->group(group);
    app.add_option("--mean", options_.table.normalise.mean, "subtracted: one, or one per channel")
        ->delimiter(',')
        ->group(group);
    app.add_option("--deviation", options_.table.normalise.deviation, "divided by, after that")
        ->delimiter(',')
        ->group(group);
    app.add_option("--rate", options_.rate, "frames a second of recordings")->group(group);
    app.add_option("--test", test_, "only the part held out for tests: 20% or 1000")->group(group);
    app.add_option("--split-seed", split_seed_, "of that part, as it was trained with")
        ->capture_default_str()
        ->group(group);
}

std::shared_ptr<const samples::Source> DataOptions::open(const inference::ModelIo& io) const
{
    auto options = options_;
    options.path = path_;
    if (!kind_.empty()) options.kind = *samples::file_kind_named(kind_);
    if (!delimiter_.empty()) {
        if (delimiter_.size() != 1) fail(Fault::usage, "--delimiter is one character");
        options.table.delimiter = delimiter_.front();
    }
    if (target_kind_ == "classes") options.table.target = samples::TargetKind::classes;
    if (target_kind_ == "numbers") options.table.target = samples::TargetKind::numbers;
    if (target_kind_ == "none") options.table.target = samples::TargetKind::none;
    std::shared_ptr<const samples::Source> all = must(samples::open(options, io));
    if (test_.empty()) return all;
    const samples::SplitOptions parts{split_seed_, {}, must(samples::portion_of(test_))};
    auto chosen = must(samples::split(all->size(), parts, samples::labels_of(*all))).test;
    return std::make_shared<samples::Subset>(std::move(all), std::move(chosen));
}

std::string DataOptions::name() const
{
    const auto path = std::filesystem::path{path_}.lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace wallet::cli
