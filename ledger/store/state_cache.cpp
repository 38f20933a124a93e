#include "ledger/store/state_cache.hpp"

#include <cstring>
#include <utility>

namespace ledger {
namespace {

/// Node, bucket and both strings' headers.
constexpr std::size_t entry_overhead = 128;

std::size_t size_of(std::string_view key, const StateCache::Value& value)
{
    return key.size() + (value ? value->size() : 0) + entry_overhead;
}

/// Both halves of the 128-bit product folded into one: each input bit reaches each output bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    __extension__ using Wide = unsigned __int128;
    const auto product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::string_view text_of(ByteView key)
{
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace

std::size_t StateCache::SaltedHash::operator()(std::string_view key) const
{
    const auto multiplier = salt | 1;
    std::uint64_t hash = salt ^ key.size() * 0x9e3779b97f4a7c15ULL;
    while (!key.empty()) {
        std::uint64_t word = 0;
        const auto taken = std::min(key.size(), sizeof word);
        std::memcpy(&word, key.data(), taken);
        key.remove_prefix(taken);
        hash = fold(hash ^ word, multiplier) + 0x2545f4914f6cdd1dULL;
    }
    return static_cast<std::size_t>(fold(hash ^ salt, 0x9e3779b97f4a7c15ULL));
}

StateCache::StateCache(std::size_t budget_bytes, std::uint64_t salt)
    : half_budget_{budget_bytes / 2}, young_(0, SaltedHash{salt}), old_(0, SaltedHash{salt})
{
}

const StateCache::Value* StateCache::find(ByteView key)
{
    const auto name = text_of(key);
    if (const auto at = young_.find(name); at != young_.end()) return &at->second;
    const auto at = old_.find(name);
    if (at == old_.end()) return nullptr;
    auto node = old_.extract(at);
    const auto size = size_of(node.key(), node.mapped());
    old_bytes_ -= size;
    young_bytes_ += size;
    return &young_.insert(std::move(node)).position->second;
}

void StateCache::put(ByteView key, Value value)
{
    if (young_bytes_ > half_budget_) {
        old_ = std::exchange(young_, Entries(0, young_.hash_function()));
        old_bytes_ = std::exchange(young_bytes_, 0);
    }
    const auto name = text_of(key);
    if (const auto at = young_.find(name); at != young_.end()) {
        young_bytes_ -= size_of(name, at->second);
        at->second = std::move(value);
        young_bytes_ += size_of(name, at->second);
        return;
    }
    if (const auto at = old_.find(name); at != old_.end()) {
        old_bytes_ -= size_of(name, at->second);
        old_.erase(at);
    }
    young_bytes_ += size_of(name, value);
    young_.emplace(name, std::move(value));
}

void StateCache::clear()
{
    young_.clear();
    old_.clear();
    young_bytes_ = old_bytes_ = 0;
}

std::optional<Bytes> CachedState::get(ByteView key) const
{
    if (const auto* known = cache_.find(key)) return *known;
    auto value = below_.get(key);
    cache_.put(key, value);
    return value;
}

void CachedState::scan_from(ByteView prefix, ByteView start, const Visit& visit) const
{
    below_.scan_from(prefix, start, visit);
}

}  // namespace ledger
