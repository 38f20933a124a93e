#include "edge/app/folder_source.hpp"

#include "edge/key/device_key.hpp"
#include "edge/queue/wire.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>

namespace edge::app {
namespace {

namespace fs = std::filesystem;
using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

/// How many bytes of files wait for one sync.
constexpr std::uint64_t sync_bytes = std::uint64_t{2} << 20;
constexpr std::size_t sync_files = 256;

std::int64_t now_ns()
{
    struct timespec now {};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t changed_ns(const struct stat& about)
{
    return std::int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec;
}

/// Text that must not stay in memory after it was sealed.
struct FileText {
    Bytes bytes;
    FileText() = default;
    FileText(const FileText&) = delete;
    FileText& operator=(const FileText&) = delete;
    ~FileText() { ledger::wipe(bytes); }
};

/// False when it is not there any more, or not what was found.
bool read_file(const fs::path& path, std::uint64_t size, std::int64_t changed, FileText& text)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return false;
    text.bytes.resize(static_cast<std::size_t>(size));
    std::size_t filled = 0;
    while (filled < text.bytes.size()) {
        const auto got = ::read(file, text.bytes.data() + filled, text.bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    struct stat about {};
    const bool same = filled == size && ::fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
                      static_cast<std::uint64_t>(about.st_size) == size &&
                      changed_ns(about) == changed;
    ::close(file);
    return same;
}

}  // namespace

Result<std::vector<FolderSource::Found>> FolderSource::find() const
{
    std::vector<Found> found;
    std::error_code problem;
    for (fs::recursive_directory_iterator at{options_.folder, problem}, end; !problem && at != end;
         at.increment(problem)) {
        const auto name = at->path().filename().string();
        if (name.starts_with('.')) {
            if (at->is_directory(problem)) at.disable_recursion_pending();
            continue;
        }
        struct stat about {};
        if (::lstat(at->path().c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
        found.push_back({at->path(),
                         at->path().lexically_relative(options_.folder).generic_string(),
                         static_cast<std::uint64_t>(about.st_size), changed_ns(about)});
    }
    if (problem)
        return Error{
            problem == std::errc::no_such_file_or_directory ? ErrorKind::not_found : ErrorKind::io,
            options_.folder.string() + ": " + problem.message()};
    std::ranges::sort(found, {}, &Found::name);
    return found;
}

ItemId FolderSource::id_of(const Found& found) const
{
    Bytes origin;
    ledger::append(origin, ledger::as_bytes(found.name));
    origin.push_back(0);
    append_integer(origin, found.size, 8);
    append_integer(origin, static_cast<std::uint64_t>(found.changed_ns), 8);
    return item_id(*device_, origin);
}

Result<FolderSource::Pass> FolderSource::offer_all(Queue& queue, const std::function<bool()>& stops)
{
    const auto all = find();
    if (!all) return all.error();
    Pass pass;
    std::vector<Waiting> waiting;
    std::set<ItemId> present;
    std::uint64_t waiting_bytes = 0;
    bool is_whole = true;
    for (const auto& found : *all) {
        is_whole = !stops();
        if (!is_whole) break;
        const auto id = id_of(found);
        present.insert(id);
        const auto added = offer(queue, found, id);
        if (!added) {
            pass.problem = added.error();
            break;
        }
        if (!*added) {
            ++pass.passed;
            continue;
        }
        const bool is_new = **added == Queue::Added::added;
        if (is_new || options_.deletes) waiting.push_back({found, id, is_new});
        if (is_new) waiting_bytes += found.size;
        if (waiting_bytes < sync_bytes && waiting.size() < sync_files) continue;
        waiting_bytes = 0;
        if (const auto done = settle(queue, waiting, pass); !done) {
            pass.problem = done.error();
            break;
        }
    }
    if (const auto done = settle(queue, waiting, pass); !done && !pass.problem)
        pass.problem = done.error();
    // A folder that shows nothing may be one whose disk is away: then nothing is forgotten.
    if (is_whole && !pass.problem && !present.empty())
        if (const auto done = queue.forget_all_but(present); !done) pass.problem = done.error();
    return pass;
}

/// Whether it is the file that was taken: another may have got its name meanwhile.
bool FolderSource::is_still(const Found& found)
{
    struct stat about {};
    return ::lstat(found.file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
           static_cast<std::uint64_t>(about.st_size) == found.size &&
           changed_ns(about) == found.changed_ns;
}

Result<void> FolderSource::settle(Queue& queue, std::vector<Waiting>& waiting, Pass& pass) const
{
    const auto done = queue.sync();
    if (!done) return done;
    for (const auto& [found, id, is_new] : std::exchange(waiting, {})) {
        // What failed since it was added is not in the queue, though this sync succeeded.
        if (!queue.knows(id)) continue;
        if (is_new) ++pass.taken;
        if (!options_.deletes || !is_still(found)) continue;
        if (::unlink(found.file.c_str()) != 0 && errno != ENOENT)
            return Error{ErrorKind::denied, "cannot remove " + found.file.string() + ": " +
                                                std::generic_category().message(errno)};
    }
    return {};
}

Result<std::optional<Queue::Added>> FolderSource::offer(Queue& queue, const Found& found,
                                                        const ItemId& id)
{
    const std::optional<Queue::Added> passed;
    if (queue.knows(id)) return std::optional{Queue::Added::known};
    const auto age_ns = now_ns() - found.changed_ns;
    // One from the future, by a clock that was set back, is as quiet as it gets.
    if (age_ns >= 0 && age_ns < static_cast<std::int64_t>(options_.quiet_ms) * 1'000'000)
        return passed;
    if (found.size > most_item_bytes) {
        complain(found, "larger than an item may be");
        return passed;
    }
    FileText text;
    if (!read_file(found.file, found.size, found.changed_ns, text)) return passed;
    auto added = queue.add(found.name, text.bytes, id);
    if (!added && added.error().kind == ErrorKind::denied) {
        // Another file of this name is in the unfinished batch: this one begins the next.
        if (const auto cut = queue.cut(); !cut) return cut.error();
        added = queue.add(found.name, text.bytes, id);
    }
    if (!added && added.error().kind == ErrorKind::invalid) {
        complain(found, added.error().detail);
        return passed;
    }
    if (!added) return added.error();
    return std::optional{*added};
}

void FolderSource::complain(const Found& found, const std::string& why)
{
    constexpr std::size_t most_complaints = 1000;
    if (complained_.size() >= most_complaints) complained_.clear();
    if (complained_.insert(found.name).second)
        std::cerr << "millrace-edge: " << found.file.string() << " is not taken: " << why
                  << std::endl;
}

}  // namespace edge::app
