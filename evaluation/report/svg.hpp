#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evaluation {

/// Text of XML, whatever bytes it held: the five letters that mean something escaped, what XML
/// forbids and what is no UTF-8 left out, cut to `most` letters.
std::string xml_text(std::string_view text, std::size_t most = 200);

/// A drawing of SVG 1.1, from top to bottom; sizes are in pixels. It names nothing outside itself.
class Svg {
public:
    enum class Anchor { start, middle, end };

    void rectangle(double x, double y, double width, double height, std::string_view fill,
                   std::string_view title = {});
    void line(double x1, double y1, double x2, double y2, std::string_view colour,
              double width = 1);
    void path(const std::vector<std::pair<double, double>>& points, std::string_view colour);
    void circle(double x, double y, double radius, std::string_view fill);
    void text(double x, double y, std::string_view text, Anchor anchor = Anchor::start,
              double size = 12, std::string_view fill = "#222");

    std::string document(double width, double height) const;

private:
    std::string body_;
};

}  // namespace evaluation
