#include "tests/support/sim_disk.hpp"

#include <algorithm>
#include <utility>

namespace ledger {
namespace {

constexpr std::size_t sector_bytes = 512;

void lay(Bytes& over, std::uint64_t offset, ByteView bytes)
{
    const auto at = static_cast<std::size_t>(offset);
    if (over.size() < at + bytes.size()) over.resize(at + bytes.size());
    std::copy(bytes.begin(), bytes.end(), over.begin() + static_cast<std::ptrdiff_t>(at));
}

Error no_such(const std::string& path)
{
    return {ErrorKind::not_found, path};
}

Error injected(const SimDisk::Fault& fault, const std::string& path)
{
    return {fault.kind, "injected fault: " + path};
}

}  // namespace

class SimFile final : public File {
public:
    SimFile(SimDisk& disk, std::shared_ptr<SimDisk::Inode> inode, std::string path)
        : disk_{disk}, inode_{std::move(inode)}, path_{std::move(path)}, life_{disk.life_}
    {
    }

    Result<void> write(std::uint64_t offset, ByteView bytes) override
    {
        const auto fault = step(SimDisk::Step::write);
        if (fault) bytes = bytes.first(std::min(bytes.size(), fault->partial_bytes));
        if (life_ == disk_.life_) keep_pending(offset, bytes);
        if (fault) return injected(*fault, path_);
        return {};
    }

    Result<void> sync() override
    {
        const auto fault = step(SimDisk::Step::sync);
        if (fault) {
            // The pages count as clean now: a second sync would succeed and write nothing.
            if (!fault->fatal) inode_->pending.clear();
            return injected(*fault, path_);
        }
        // Not all that is cached: what a failed sync has lost is not written by this one.
        auto& durable = inode_->durable;
        if (durable.size() > inode_->cut) durable.resize(inode_->cut);
        for (const auto& write : inode_->pending) lay(durable, write.offset, write.bytes);
        durable.resize(inode_->cached.size());
        inode_->pending.clear();
        inode_->cut = SIZE_MAX;
        return {};
    }

    Result<Bytes> read(std::uint64_t offset, std::size_t at_most) const override
    {
        const auto& all = inode_->cached;
        const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, all.size()));
        const auto length = std::min(at_most, all.size() - from);
        const auto part = ByteView{all}.subspan(from, length);
        return Bytes(part.begin(), part.end());
    }

    Result<std::uint64_t> size() const override { return inode_->cached.size(); }

    Result<void> truncate(std::uint64_t size) override
    {
        if (const auto fault = step(SimDisk::Step::write)) return injected(*fault, path_);
        const auto end = static_cast<std::size_t>(size);
        inode_->cached.resize(end);
        inode_->cut = std::min(inode_->cut, end);
        std::erase_if(inode_->pending, [&](const auto& write) { return write.offset >= size; });
        for (auto& write : inode_->pending)
            if (write.offset + write.bytes.size() > size)
                write.bytes.resize(static_cast<std::size_t>(size - write.offset));
        return {};
    }

    Result<void> preallocate(std::uint64_t size) override
    {
        const auto have = inode_->cached.size();
        if (size <= have) return {};
        return write(have, Bytes(static_cast<std::size_t>(size) - have));
    }

private:
    std::optional<SimDisk::Fault> step(SimDisk::Step kind)
    {
        if (life_ != disk_.life_) return SimDisk::Fault{.fatal = true};
        return disk_.step(kind);
    }

    void keep_pending(std::uint64_t offset, ByteView bytes)
    {
        lay(inode_->cached, offset, bytes);
        while (!bytes.empty()) {
            const auto room = sector_bytes - static_cast<std::size_t>(offset % sector_bytes);
            const auto part = bytes.first(std::min(room, bytes.size()));
            inode_->pending.push_back({offset, Bytes(part.begin(), part.end())});
            offset += part.size();
            bytes = bytes.subspan(part.size());
        }
    }

    SimDisk& disk_;
    std::shared_ptr<SimDisk::Inode> inode_;
    std::string path_;
    std::uint64_t life_;
};

std::optional<SimDisk::Fault> SimDisk::step(Step kind)
{
    ++steps_;
    if (dead_) return Fault{.fatal = true};
    if (!fault_ || (fault_->only && *fault_->only != kind)) return {};
    if (fault_->after-- > 0) return {};
    auto now = *std::exchange(fault_, std::nullopt);
    dead_ = now.fatal;
    return now;
}

void SimDisk::crash(const std::function<bool()>& keep, bool keep_names)
{
    if (keep_names) durable_names_ = names_;
    std::set<Inode*> seen;
    for (auto& [path, inode] : durable_names_) {
        if (!seen.insert(inode.get()).second) continue;
        for (const auto& write : inode->pending) {
            if (keep()) lay(inode->durable, write.offset, write.bytes);
        }
        inode->pending.clear();
        inode->cached = inode->durable;
    }
    names_ = durable_names_;
    fault_.reset();
    dead_ = false;
    ++life_;
}

void SimDisk::flip(const std::string& path, std::uint64_t offset, std::uint8_t mask)
{
    auto& inode = *names_.at(path);
    inode.cached.at(static_cast<std::size_t>(offset)) ^= mask;
    inode.durable = inode.cached;
}

Bytes SimDisk::contents(const std::string& path) const
{
    return names_.at(path)->cached;
}

void SimDisk::put(const std::string& path, Bytes contents)
{
    names_[path] = std::make_shared<Inode>(Inode{contents, contents, {}});
    durable_names_[path] = names_[path];
}

Result<std::unique_ptr<File>> SimDisk::open(const std::string& path, OpenMode mode)
{
    if (mode == OpenMode::fresh) {
        if (const auto fault = step(Step::names)) return injected(*fault, path);
        names_[path] = std::make_shared<Inode>();
    }
    const auto found = names_.find(path);
    if (found == names_.end()) return no_such(path);
    return std::unique_ptr<File>{std::make_unique<SimFile>(*this, found->second, path)};
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to)
{
    if (const auto fault = step(Step::names)) return injected(*fault, from);
    const auto found = names_.find(from);
    if (found == names_.end()) return no_such(from);
    names_[to] = found->second;
    names_.erase(from);
    return {};
}

Result<void> SimDisk::remove(const std::string& path)
{
    if (const auto fault = step(Step::names)) return injected(*fault, path);
    if (names_.erase(path) == 0) return no_such(path);
    return {};
}

Result<std::vector<std::string>> SimDisk::list(const std::string& folder)
{
    std::vector<std::string> found;
    for (const auto& [path, inode] : names_) {
        if (!path.starts_with(folder + "/")) continue;
        const auto name = path.substr(folder.size() + 1);
        if (name.find('/') == std::string::npos) found.push_back(name);
    }
    return found;
}

Result<void> SimDisk::make_folder(const std::string&)
{
    return {};
}

Result<void> SimDisk::sync_folder(const std::string& folder)
{
    if (const auto fault = step(Step::names)) return injected(*fault, folder);
    std::erase_if(durable_names_,
                  [&](const auto& entry) { return entry.first.starts_with(folder + "/"); });
    for (const auto& entry : names_) {
        if (entry.first.starts_with(folder + "/")) durable_names_.insert(entry);
    }
    return {};
}

}  // namespace ledger
