"""Where the demo's towns are, and a point for a customer somewhere in its town. Degrees, WGS-84."""

from __future__ import annotations

import random

_TOWNS = """
Leeds 53.798 -1.548; Bradford 53.795 -1.753; Halifax 53.722 -1.863; Huddersfield 53.645 -1.785; Wakefield 53.683 -1.497;
York 53.959 -1.082; Harrogate 53.992 -1.538; Whitby 54.484 -0.614; Skipton 53.962 -2.017; Scarborough 54.280 -0.403;
Ripon 54.136 -1.524; Hull 53.744 -0.334; Beverley 53.845 -0.428; Sheffield 53.382 -1.468; Doncaster 53.523 -1.133;
Barnsley 53.553 -1.482; Manchester 53.480 -2.243; Rochdale 53.616 -2.156; Lancaster 54.047 -2.801; Burnley 53.789 -2.244;
Kendal 54.327 -2.747; Carlisle 54.894 -2.936; Newcastle 54.973 -1.614; Durham 54.777 -1.576; Darlington 54.524 -1.556;
Lincoln 53.230 -0.541; Nottingham 52.954 -1.155; Derby 52.922 -1.477; Buxton 53.259 -1.911; Edinburgh 55.950 -3.190;
深圳 22.543 114.058; 广州 23.129 113.264; 东莞 23.021 113.752; 佛山 23.022 113.121; 惠州 23.111 114.416; 中山 22.517 113.393;
珠海 22.271 113.577; 江门 22.579 113.082; 汕头 23.354 116.682; 肇庆 23.047 112.465; 湛江 21.271 110.359; 清远 23.682 113.056;
揭阳 23.550 116.373; 潮州 23.657 116.622; 梅州 24.289 116.122; 河源 23.744 114.701; 阳江 21.858 111.983; 韶关 24.810 113.597;
茂名 21.663 110.925; 厦门 24.480 118.089; 义乌 29.306 120.075; 宁波 29.874 121.550; 苏州 31.299 120.585;
Αθήνα 37.984 23.728; Πειραιάς 37.948 23.643; Περιστέρι 38.015 23.692; Χαλάνδρι 38.021 23.798; Θεσσαλονίκη 40.640 22.944;
Σέρρες 41.085 23.548; Καβάλα 40.939 24.412; Πάτρα 38.246 21.735; Αγρίνιο 38.621 21.408; Ηράκλειο 35.339 25.133;
Χανιά 35.514 24.018; Ρέθυμνο 35.366 24.482; Λάρισα 39.639 22.419; Βόλος 39.362 22.942; Ιωάννινα 39.665 20.853;
Καλαμάτα 37.039 22.114; Τρίπολη 37.510 22.373; Ναύπλιο 37.567 22.801; Χαλκίδα 38.464 23.603; Λαμία 38.900 22.434;
Ρόδος 36.434 28.217; Ερμούπολη 37.444 24.942; Μυτιλήνη 39.104 26.554; Κέρκυρα 39.624 19.921
"""
KNOWN = 0.8  # of the customers have a point: somebody was there, or typed it in


def _read() -> dict[str, tuple[float, float]]:
    found = {}
    for line in _TOWNS.split(";"):
        town, lat, lon = line.split()
        found[town] = (float(lat), float(lon))
    return found


TOWNS = _read()


def of(town: str, key: str) -> dict[str, str]:
    """Latitude and longitude of a customer in a town; nothing for every fifth. The same ``key``: the same place."""
    dice = random.Random(f"point/{town}/{key}")
    if town not in TOWNS or dice.random() > KNOWN:
        return {}
    lat, lon = TOWNS[town]
    return {
        "latitude": f"{lat + dice.uniform(-0.03, 0.03):.6f}",
        "longitude": f"{lon + dice.uniform(-0.045, 0.045):.6f}",
    }
