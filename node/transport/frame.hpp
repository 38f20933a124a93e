#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"
#include "node/transport/channels.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

/// How messages lie on a connection: u32 length of the payload, u8 channel, u8 type, payload;
/// integers big-endian. Nothing is compressed. Pure.
namespace node {

struct Frame {
    MessageKind kind;
    ledger::Bytes payload;
    friend bool operator==(const Frame&, const Frame&) = default;
};

inline constexpr std::size_t frame_head_bytes = 6;

/// A frame as it is sent; shared, because one message goes to many peers. The payload must be
/// within its rule: what does not fit is our own bug.
using SharedFrame = std::shared_ptr<const ledger::Bytes>;
SharedFrame encode_frame(MessageKind kind, ledger::ByteView payload);

enum class FrameFault { unknown_kind, unexpected_kind, empty, too_large };

/// Takes frames out of bytes that come in any segmentation. A head that breaks its rule is
/// refused before memory is taken for its payload; memory grows with what has arrived, at most
/// to twice as much or `first_step`. After a fault it takes nothing more.
class FrameSplitter {
public:
    static constexpr std::size_t first_step = 64 * 1024;

    struct Step {
        std::size_t consumed = 0;  ///< how much of the input is done with
        std::optional<Frame> frame = {};
    };

    /// Looks at the front of `input` and stops behind the first whole frame. Call again with
    /// the rest until nothing is left.
    ledger::Result<Step, FrameFault> take(ledger::ByteView input);

    /// Only `only` and goodbye are taken until this is called with nothing: before peers know
    /// each other.
    void expect_only(std::optional<MessageKind> only) { only_ = only; }

    bool between_frames() const { return head_size_ == 0; }
    /// Of the payload under way; empty until its head is whole.
    std::optional<std::size_t> announced() const;
    /// Bytes of memory that the payload under way has taken.
    std::size_t held() const { return frame_.payload.capacity(); }

private:
    ledger::Result<void, FrameFault> open();

    std::array<std::uint8_t, frame_head_bytes> head_{};
    std::size_t head_size_ = 0;
    std::size_t length_ = 0;
    Frame frame_;
    std::optional<MessageKind> only_;
    std::optional<FrameFault> fault_;
};

std::string_view name_of(FrameFault);

}  // namespace node
