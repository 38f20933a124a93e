#include "evaluation/report/svg.hpp"

#include <fmt/format.h>

namespace evaluation {
namespace {

/// Bytes of the letter that begins here; 0 where it is none, or one that XML forbids.
std::size_t letter_bytes(std::string_view from)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(from[i]); };
    const auto first = byte(0);
    if (first < 0x80) return first < 0x20 || first == 0x7f ? 0 : 1;
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || from.size() < bytes) return 0;
    for (std::size_t i = 1; i < bytes; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    // Longer than need be, surrogates, beyond Unicode; U+FFFE and U+FFFF.
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0) ||
        (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90) ||
        (first == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe))
        return 0;
    return bytes;
}

}  // namespace

std::string xml_text(std::string_view text, std::size_t most)
{
    std::string made;
    for (std::size_t at = 0, letters = 0; at < text.size() && letters < most;) {
        const auto bytes = letter_bytes(text.substr(at));
        if (bytes == 0) {
            ++at;
            continue;
        }
        const auto letter = text.substr(at, bytes);
        if (letter == "&")
            made += "&amp;";
        else if (letter == "<")
            made += "&lt;";
        else if (letter == ">")
            made += "&gt;";
        else if (letter == "\"")
            made += "&quot;";
        else if (letter == "'")
            made += "&#39;";
        else
            made += letter;
        at += bytes;
        ++letters;
    }
    return made;
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view fill,
                    std::string_view title)
{
    body_ += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}">)",
                         x, y, width, height, fill);
    if (!title.empty()) body_ += "<title>" + xml_text(title, 400) + "</title>";
    body_ += "</rect>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view colour, double width)
{
    body_ += fmt::format(
        R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="{}"/>)"
        "\n",
        x1, y1, x2, y2, colour, width);
}

void Svg::path(const std::vector<std::pair<double, double>>& points, std::string_view colour)
{
    body_ +=
        fmt::format(R"(<polyline fill="none" stroke="{}" stroke-width="1.5" points=")", colour);
    for (const auto& [x, y] : points) body_ += fmt::format("{:.1f},{:.1f} ", x, y);
    body_ += "\"/>\n";
}

void Svg::circle(double x, double y, double radius, std::string_view fill)
{
    body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}"/>)"
                         "\n",
                         x, y, radius, fill);
}

void Svg::text(double x, double y, std::string_view text, Anchor anchor, double size,
               std::string_view fill)
{
    constexpr const char* names[] = {"start", "middle", "end"};
    body_ += fmt::format(
        R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}" fill="{}">{}</text>)"
        "\n",
        x, y, names[static_cast<int>(anchor)], size, fill, xml_text(text));
}

std::string Svg::document(double width, double height) const
{
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
               R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif">)"
               "\n",
               width, height) +
           fmt::format(R"(<rect width="{:.0f}" height="{:.0f}" fill="#fff"/>)"
                       "\n",
                       width, height) +
           body_ + "</svg>\n";
}

}  // namespace evaluation
