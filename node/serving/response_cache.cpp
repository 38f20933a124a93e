#include "node/serving/response_cache.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>
#include <bit>

namespace node {
namespace {

/// Writes what is hashed so that no two requests have the same bytes: numbers have 8 bytes, and
/// the length of everything else stands before it.
class Canonical {
public:
    void number(std::uint64_t value)
    {
        std::uint8_t bytes[8];
        for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
        hasher_.update(bytes);
    }
    void bytes(ledger::ByteView bytes)
    {
        number(bytes.size());
        hasher_.update(bytes);
    }
    void text(std::string_view text) { bytes(ledger::as_bytes(text)); }
    ledger::Hash finish() { return hasher_.finish(); }

private:
    ledger::Sha256 hasher_;
};

void write(Canonical& to, const inference::Parameter& value)
{
    to.number(value.index());
    if (const auto* flag = std::get_if<bool>(&value))
        to.number(*flag);
    else if (const auto* whole = std::get_if<std::int64_t>(&value))
        to.number(static_cast<std::uint64_t>(*whole));
    else if (const auto* real = std::get_if<double>(&value))
        to.number(std::bit_cast<std::uint64_t>(*real));
    else
        to.text(std::get<std::string>(value));
}

bool matters(std::string_view parameter)
{
    return parameter != "priority" && parameter != "timeout" && parameter != "binary_data_output";
}

std::size_t size_of(const KeptAnswer& answer)
{
    std::size_t sum = 512;  // the place itself
    for (const auto& tensor : answer.outputs)
        sum += tensor.data.size() + tensor.name.size() + 8 * tensor.shape.size() + 128;
    return sum;
}

}  // namespace

ledger::Hash ResponseCache::key(const market::ContentId& content,
                                const inference::InferRequest& request)
{
    Canonical to;
    to.bytes(content.view());
    std::vector<const inference::Tensor*> inputs;
    for (const auto& tensor : request.inputs) inputs.push_back(&tensor);
    std::sort(inputs.begin(), inputs.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    to.number(inputs.size());
    for (const auto* tensor : inputs) {
        to.text(tensor->name);
        to.number(static_cast<std::uint64_t>(tensor->type));
        to.number(tensor->shape.size());
        for (const auto size : tensor->shape) to.number(static_cast<std::uint64_t>(size));
        to.bytes(tensor->data);
    }
    // In the order asked for: that is the order in which they are kept.
    to.number(request.outputs.size());
    for (const auto& output : request.outputs) to.text(output.name);
    for (const auto& [name, value] : request.parameters) {
        if (!matters(name)) continue;
        to.text(name);
        write(to, value);
    }
    return to.finish();
}

std::shared_ptr<const KeptAnswer> ResponseCache::find(const ledger::Hash& key)
{
    const std::lock_guard lock{mutex_};
    const auto at = places_.find(key);
    if (at == places_.end()) return nullptr;
    uses_.splice(uses_.end(), uses_, at->second.use);
    return at->second.answer;
}

void ResponseCache::keep(const ledger::Hash& key, KeptAnswer answer)
{
    const auto size = size_of(answer);
    auto kept = std::make_shared<const KeptAnswer>(std::move(answer));
    const std::lock_guard lock{mutex_};
    if (size > limit_ / 8 || places_.contains(key)) return;
    const auto use = uses_.insert(uses_.end(), key);
    places_.emplace(key, Place{std::move(kept), size, use});
    bytes_ += size;
    shrink();
}

void ResponseCache::set_limit(std::size_t bytes)
{
    const std::lock_guard lock{mutex_};
    limit_ = bytes;
    shrink();
}

std::size_t ResponseCache::bytes() const
{
    const std::lock_guard lock{mutex_};
    return bytes_;
}

void ResponseCache::shrink()
{
    while (bytes_ > limit_) {
        const auto at = places_.find(uses_.front());
        bytes_ -= at->second.bytes;
        places_.erase(at);
        uses_.pop_front();
    }
}

}  // namespace node
