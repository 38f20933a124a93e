#include "training/app/prepare.hpp"
#include "training/sandbox/sandbox.hpp"

#include <filesystem>

namespace training {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& path)
{
    const auto folder = path.parent_path();
    return folder.empty() ? fs::path{"."} : folder;
}

// Labels lie beside the file that they are of.
void add_samples(const std::string& path, std::vector<fs::path>& to)
{
    if (path.empty() || path == "-") return;
    std::error_code ignored;
    to.push_back(fs::is_directory(path, ignored) ? fs::path{path} : folder_of(path));
}

}  // namespace

ledger::Result<void> confine(const JobOptions& options, const std::vector<std::string>& read,
                             const std::vector<std::string>& written, std::ostream& error)
{
    if (!options.sandbox) return {};
    SandboxOptions sandbox;
    auto readable = read;
    readable.insert(readable.end(), {options.model, options.recipe, options.teacher});
    for (const auto& path : readable)
        if (!path.empty()) sandbox.readable.emplace_back(path);
    add_samples(options.data.path.string(), sandbox.readable);
    add_samples(options.validation, sandbox.readable);
    for (const auto& path : written) {
        if (path.empty()) continue;
        std::error_code ignored;
        fs::create_directories(folder_of(path), ignored);
        sandbox.writable.push_back(folder_of(path));
    }
    const auto entered = enter_sandbox(sandbox);
    if (!entered) return entered.error();
    if (!entered->files)
        error << "millrace-trainer: this kernel has no Landlock: files are not held back\n";
    return {};
}

}  // namespace training
