#include "node/transport/frame.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace node {

using ledger::Bytes;
using ledger::ByteView;

SharedFrame encode_frame(MessageKind kind, ByteView payload)
{
    const auto* rule = rule_of(kind);
    ledger::ensure(rule && payload.size() >= rule->least && payload.size() <= rule->most,
                   "we send only what peers take");
    Bytes bytes;
    bytes.reserve(frame_head_bytes + payload.size());
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(payload.size() >> shift));
    bytes.push_back(static_cast<std::uint8_t>(kind.channel));
    bytes.push_back(kind.type);
    ledger::append(bytes, payload);
    return std::make_shared<const Bytes>(std::move(bytes));
}

ledger::Result<void, FrameFault> FrameSplitter::open()
{
    length_ = 0;
    for (std::size_t i = 0; i < 4; ++i) length_ = length_ << 8 | head_[i];
    const MessageKind kind{static_cast<Channel>(head_[4]), head_[5]};
    const auto* rule = rule_of(kind);
    if (rule == nullptr) return FrameFault::unknown_kind;
    if (only_ && kind != *only_ && kind != message::goodbye) return FrameFault::unexpected_kind;
    if (length_ < rule->least) return FrameFault::empty;
    if (length_ > rule->most) return FrameFault::too_large;
    frame_.kind = kind;
    frame_.payload = {};
    return {};
}

ledger::Result<FrameSplitter::Step, FrameFault> FrameSplitter::take(ByteView input)
{
    if (fault_) return *fault_;
    Step step;
    if (head_size_ < frame_head_bytes) {
        step.consumed = std::min(frame_head_bytes - head_size_, input.size());
        std::copy_n(input.begin(), step.consumed,
                    head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
        head_size_ += step.consumed;
        if (head_size_ < frame_head_bytes) return step;
        if (const auto good = open(); !good) {
            fault_ = good.error();
            return *fault_;
        }
    }
    auto& payload = frame_.payload;
    const auto more = std::min(length_ - payload.size(), input.size() - step.consumed);
    const auto size = payload.size() + more;
    if (size > payload.capacity())
        payload.reserve(std::min(length_, std::max({first_step, size, 2 * payload.capacity()})));
    ledger::append(payload, input.subspan(step.consumed, more));
    step.consumed += more;
    if (payload.size() < length_) return step;
    step.frame = std::move(frame_);
    frame_ = {};
    head_size_ = 0;
    return step;
}

std::optional<std::size_t> FrameSplitter::announced() const
{
    if (head_size_ < frame_head_bytes) return {};
    return length_;
}

std::string_view name_of(FrameFault fault)
{
    switch (fault) {
        case FrameFault::unknown_kind:
            return "unknown_kind";
        case FrameFault::unexpected_kind:
            return "unexpected_kind";
        case FrameFault::empty:
            return "empty";
        case FrameFault::too_large:
            return "too_large";
    }
    return "?";
}

}  // namespace node
