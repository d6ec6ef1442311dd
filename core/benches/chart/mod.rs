//! A picture of how cost grows: panels with logarithmic axes, as SVG that follows the reader's colours.

use std::fmt::Write as _;

/// What was measured at each count of rows.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// Rows, ours, the baseline's.
    points: Vec<(f64, f64, f64)>,
}

impl Line {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, points: Vec::new() }
    }

    pub(crate) fn add(&mut self, rows: usize, ours: f64, theirs: f64) {
        self.points.push((rows as f64, ours, theirs));
    }
}

/// One pair of axes.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<Line>,
    /// The powers of ten that the upright axis goes from and to.
    pub(crate) decades: (i32, i32),
    /// A level to be kept below, and its name.
    pub(crate) mark: Option<(f64, &'static str)>,
}

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 320.0;
/// The powers of ten of rows.
const ROWS: (i32, i32) = (3, 6);

const STYLE: &str = "svg{font:12px system-ui,sans-serif;background:#fff;fill:#333}\
.grid{stroke:#ddd}.mark{stroke:#333;stroke-dasharray:2 3}path{fill:none;stroke-width:2}.key{stroke:#333}.theirs{stroke-dasharray:6 4}\
.c0{stroke:#0b6bcb}.c1{stroke:#c2410c}.c2{stroke:#15803d}.c3{stroke:#a21caf}.c4{stroke:#8a6d00}\
@media(prefers-color-scheme:dark){svg{background:#16181d;fill:#d6d9de}.grid{stroke:#343841}.mark,.key{stroke:#d6d9de}\
.c0{stroke:#6db3ff}.c1{stroke:#ff9a5c}.c2{stroke:#5fd38a}.c3{stroke:#e48cf5}.c4{stroke:#e5c54a}}";

/// The panels side by side, with a legend below.
pub(crate) fn svg(panels: &[Panel], about: &str) -> String {
    let (width, height) = (panels.len() as f64 * (WIDTH + 90.0) + 10.0, HEIGHT + 140.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>How cost grows with the rows of a catalogue</title>\n<desc>{about}</desc>\n<style>{STYLE}</style>\n"
    );
    for (at, panel) in panels.iter().enumerate() {
        let _ = writeln!(svg, "<g transform=\"translate({},40)\">", at as f64 * (WIDTH + 90.0) + 70.0);
        panel.axes(&mut svg);
        panel.curves(&mut svg);
        svg.push_str("</g>\n");
    }
    let names = panels.first().map_or(&[][..], |panel| &panel.lines);
    legend(&mut svg, names);
    svg.push_str("</svg>\n");
    svg
}

fn place(value: f64, (from, to): (i32, i32), length: f64) -> f64 {
    (value.log10() - f64::from(from)) / f64::from(to - from) * length
}

/// A power of ten in words that an axis has room for.
fn power(exponent: i32) -> String {
    match exponent {
        6.. => format!("{}M", 10_i64.pow(exponent as u32 - 6)),
        3.. => format!("{}k", 10_i64.pow(exponent as u32 - 3)),
        0.. => 10_i64.pow(exponent as u32).to_string(),
        _ => format!("{:.*}", exponent.unsigned_abs() as usize, 10_f64.powi(exponent)),
    }
}

impl Panel {
    fn height(&self, value: f64) -> f64 {
        HEIGHT - place(value, self.decades, HEIGHT)
    }

    fn axes(&self, svg: &mut String) {
        let _ = writeln!(svg, "<text x=\"-8\" y=\"-16\" font-weight=\"600\">{}</text>", self.title);
        for exponent in self.decades.0..=self.decades.1 {
            let (y, name) = (self.height(10_f64.powi(exponent)), power(exponent));
            let _ = writeln!(svg, "<path class=\"grid\" style=\"stroke-width:1\" d=\"M0 {y:.1}H{WIDTH}\"/>");
            let _ = writeln!(svg, "<text x=\"-8\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>", y + 4.0);
        }
        for exponent in ROWS.0..=ROWS.1 {
            let (x, name) = (place(10_f64.powi(exponent), ROWS, WIDTH), power(exponent));
            let _ = writeln!(svg, "<path class=\"grid\" style=\"stroke-width:1\" d=\"M{x:.1} 0V{HEIGHT}\"/>");
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
                HEIGHT + 18.0
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">rows in the catalogue</text>",
            WIDTH / 2.0,
            HEIGHT + 38.0
        );
    }

    fn curves(&self, svg: &mut String) {
        for (at, line) in self.lines.iter().enumerate() {
            let curve = |class: &str, value: &dyn Fn(&(f64, f64, f64)) -> f64| {
                let point = |point: &(f64, f64, f64)| {
                    format!("{:.1} {:.1}", place(point.0, ROWS, WIDTH), self.height(value(point)))
                };
                let points: Vec<String> = line.points.iter().map(point).collect();
                format!("<path class=\"c{at} {class}\" d=\"M{}\"/>\n", points.join("L"))
            };
            svg.push_str(&curve("ours", &|point| point.1));
            svg.push_str(&curve("theirs", &|point| point.2));
        }
        if let Some((level, name)) = self.mark {
            let y = self.height(level);
            let _ = writeln!(svg, "<path class=\"mark\" style=\"stroke-width:1\" d=\"M0 {y:.1}H{WIDTH}\"/>");
            let _ = writeln!(svg, "<text x=\"4\" y=\"{:.1}\">{name}</text>", y - 4.0);
        }
    }
}

fn legend(svg: &mut String, lines: &[Line]) {
    let (y, second) = (HEIGHT + 104.0, HEIGHT + 126.0);
    for (at, line) in lines.iter().enumerate() {
        let x = 70.0 + at as f64 * 150.0;
        let _ = writeln!(svg, "<path class=\"c{at}\" d=\"M{x} {y}h24\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{}</text>", x + 32.0, y + 4.0, line.name);
    }
    for (at, (class, name)) in
        [("", "this catalogue"), ("theirs", "the baseline: a list of structs, JSON to decode")]
            .into_iter()
            .enumerate()
    {
        let x = 70.0 + at as f64 * 150.0;
        let _ = writeln!(svg, "<path class=\"key {class}\" d=\"M{x} {second}h24\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{name}</text>", x + 32.0, second + 4.0);
    }
}
