#pragma once

#include "wallet/cli/data_options.hpp"
#include "wallet/cli/local_model.hpp"

namespace wallet::cli {

/// What `eval` and `model compare` share: the data, the engine, how answers are read and where the
/// report goes.
class Measuring {
public:
    void add_to(CLI::App&);

    /// Throws.
    LocalModel load(const std::string& path) const { return {path, engine_}; }
    /// Runs all samples through the model, with a line of progress; throws.
    evaluation::Answers collect(const LocalModel&) const;

    evaluation::Bootstrap bootstrap() const { return {seed_}; }
    /// Those that `answers` were collected with.
    evaluation::Settings settings(const evaluation::Answers& answers) const;
    std::string data_name() const { return data_.name(); }
    bool by_slice() const { return by_slice_; }
    /// To the files of --report and --markdown, where those were asked for; throws.
    void write(const json& report, const std::string& markdown) const;

private:
    DataOptions data_;
    EngineOptions engine_;
    std::string task_, output_, scores_, report_file_, markdown_file_;
    std::size_t batch_ = 32;
    std::uint64_t seed_ = 1;
    bool by_slice_ = false;
};

}  // namespace wallet::cli
