#include "training/app/prepare.hpp"
#include "training/sandbox/sandbox.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace training {
namespace {

namespace fs = std::filesystem;
using ledger::Result;

fs::path folder_of(const fs::path& path)
{
    const auto folder = path.parent_path();
    return folder.empty() ? fs::path{"."} : folder;
}

bool is_label_file(const fs::path& path)
{
    return path.filename().string().find("label") != std::string::npos;
}

// A folder with all below; a file with the labels that lie beside it, and nothing else there.
void add_samples(const fs::path& path, const std::string& labels, std::vector<fs::path>& to)
{
    if (path.empty() || path == "-") return;
    to.push_back(path);
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return;
    if (!labels.empty()) {
        // One of its folder, or wherever it lies.
        for (const auto& each : {fs::path{labels}, folder_of(path) / labels})
            if (fs::exists(each, ignored)) to.push_back(each);
        return;
    }
    for (const auto& each : fs::directory_iterator{folder_of(path), ignored})
        if (each.is_regular_file(ignored) && is_label_file(each.path())) to.push_back(each.path());
}

/// Where something is written, names come and go: the folder must be this training's own.
Result<void> own_folder(const fs::path& folder, const std::set<fs::path>& names)
{
    std::error_code problem;
    fs::create_directories(folder, problem);
    for (const auto& each : fs::directory_iterator{folder, problem})
        if (!names.contains(each.path().filename()))
            return ledger::Error{ledger::ErrorKind::denied,
                                 "in a sandbox all that is written goes into folders of its own: " +
                                     folder.string() + " holds " + each.path().filename().string()};
    if (problem)
        return ledger::Error{ledger::ErrorKind::io,
                             folder.string() + " cannot be written in: " + problem.message()};
    return {};
}

}  // namespace

Result<void> confine(const JobOptions& options, const std::vector<std::string>& read,
                     const std::vector<std::string>& written, const std::string& segments,
                     std::ostream& error)
{
    if (!options.sandbox) return {};
    SandboxOptions sandbox;
    auto readable = read;
    readable.insert(readable.end(), {options.model, options.file, options.recipe, options.teacher});
    for (const auto& path : readable)
        if (!path.empty()) sandbox.readable.emplace_back(path);
    add_samples(options.data.path, options.data.labels, sandbox.readable);
    add_samples(options.validation, {}, sandbox.readable);

    std::set<fs::path> names;
    std::set<fs::path> folders;
    for (const auto& path : written) {
        if (path.empty()) continue;
        names.insert({fs::path{path}.filename(), fs::path{path + ".part"}.filename()});
        folders.insert(folder_of(path));
    }
    if (!segments.empty()) names.insert(fs::path{segments}.filename());
    for (const auto& folder : folders)
        if (auto done = own_folder(folder, names); !done) return done;
    if (!segments.empty()) {
        std::error_code ignored;
        fs::create_directories(segments, ignored);
        folders.insert(segments);
    }
    sandbox.writable.assign(folders.begin(), folders.end());
    const auto entered = enter_sandbox(sandbox);
    if (!entered) return entered.error();
    if (!entered->files)
        error << "millrace-trainer: this kernel has no Landlock: files are not held back\n";
    return {};
}

}  // namespace training
