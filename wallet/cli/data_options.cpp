#include "wallet/cli/data_options.hpp"

#include "samples/split.hpp"
#include "samples/subset.hpp"

namespace wallet::cli {

void DataOptions::add_to(CLI::App& app)
{
    samples::add_sample_arguments(app, samples_);
    app.add_option("--test", test_, "only the part held out for tests: 20% or 1000")
        ->group("Samples");
    app.add_option("--split-seed", split_seed_, "of that part, as it was trained with")
        ->capture_default_str()
        ->group("Samples");
}

std::shared_ptr<const samples::Source> DataOptions::open(const inference::ModelIo& io) const
{
    std::shared_ptr<const samples::Source> all =
        must(samples::open_samples(samples::open_options(samples_), io));
    if (test_.empty()) return all;
    const samples::SplitOptions parts{split_seed_, {}, must(samples::portion_of(test_))};
    auto chosen = must(samples::split(all->size(), parts, samples::labels_of(*all))).test;
    return std::make_shared<samples::Subset>(std::move(all), std::move(chosen));
}

std::string DataOptions::name() const
{
    const auto path = std::filesystem::path{samples_.path}.lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace wallet::cli
